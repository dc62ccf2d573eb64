import type { Mappers } from '../node-use.js';
import { CONVOLUTIONS } from './convolutions.js';
import { ELEMENTWISE } from './elementwise.js';
import { IMAGES } from './images.js';
import { SHAPES } from './shapes.js';

/** What each op of TensorFlow becomes. Those that only constants and sizes have are in fold.ts. */
export const MAPPERS: Mappers = { ...CONVOLUTIONS, ...ELEMENTWISE, ...IMAGES, ...SHAPES };
