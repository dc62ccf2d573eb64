import type { OpName } from '../../description.js';
import type { Op } from '../op.js';
import { activation } from './activation.js';
import { add } from './add.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { dropout } from './dropout.js';
import { batchNormalization, groupNormalization, layerNormalization } from './normalization.js';
import { gaussianNoise } from './gaussian-noise.js';
import { pool2d } from './pool2d.js';
import { prelu } from './prelu.js';
import { rescaling } from './rescaling.js';
import { reshape } from './reshape.js';

/** Every op that computes something: all but `input`. */
export const OPS: Record<Exclude<OpName, 'input'>, Op> = {
  activation,
  add,
  batchNormalization,
  conv2d,
  dense,
  dropout,
  groupNormalization,
  layerNormalization,
  gaussianNoise,
  pool2d,
  prelu,
  rescaling,
  reshape,
};
