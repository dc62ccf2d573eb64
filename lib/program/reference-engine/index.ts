import { ConvforgeError } from '../../errors.js';
import type { Engine } from '../engine.js';

export function referenceEngine(): Engine {
  throw new ConvforgeError('INTERNAL', 'being written');
}
