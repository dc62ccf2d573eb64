import { ConvforgeError } from '../errors.js';
import type { Engine } from './engine.js';

export function nativeEngine(): Engine {
  throw new ConvforgeError('INTERNAL', 'being written');
}
