import type { Mappers } from '../node-use.js';
import { CONVOLUTIONS } from './convolutions.js';
import { ELEMENTWISE, ELEMENTWISE_OPERATIONS } from './elementwise.js';
import { IMAGES, IMAGE_OPERATIONS } from './images.js';
import { SHAPES, SHAPE_OPERATIONS } from './shapes.js';

/** What each op of TensorFlow becomes. Those that only constants and sizes have are in fold.ts. */
export const MAPPERS: Mappers = { ...CONVOLUTIONS, ...ELEMENTWISE, ...IMAGES, ...SHAPES };

/** The operation that an op always needs. */
export const OPERATIONS: Readonly<Record<string, string>> = {
  ...ELEMENTWISE_OPERATIONS,
  ...IMAGE_OPERATIONS,
  ...SHAPE_OPERATIONS,
};
