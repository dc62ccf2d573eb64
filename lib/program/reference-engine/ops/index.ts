import type { OpName } from '../../description.js';
import type { Op } from '../op.js';
import { activation } from './activation.js';
import { add } from './add.js';
import { broadcast } from './broadcast.js';
import { concatenate } from './concatenate.js';
import { conv2d } from './conv2d.js';
import { conv2dTranspose } from './conv2d-transpose.js';
import { dense } from './dense.js';
import { dropout } from './dropout.js';
import { batchNormalization, groupNormalization, layerNormalization } from './normalization.js';
import { gaussianNoise } from './gaussian-noise.js';
import { embedding } from './embedding.js';
import { fold, unfold } from './fold.js';
import { merge } from './merge.js';
import { pad } from './pad.js';
import { permute } from './permute.js';
import { pool2d } from './pool2d.js';
import { prelu } from './prelu.js';
import { randomAffine } from './random-affine.js';
import { randomCrop } from './random-crop.js';
import { randomFlip } from './random-flip.js';
import { randomTone } from './random-tone.js';
import { rescaling } from './rescaling.js';
import { reshape } from './reshape.js';
import { resize } from './resize.js';
import { standardize } from './standardize.js';
import { unitLength } from './unit-length.js';

/** Every op that computes something: all but `input`. */
export const OPS: Record<Exclude<OpName, 'input'>, Op> = {
  activation,
  add,
  batchNormalization,
  broadcast,
  concatenate,
  conv2d,
  conv2dTranspose,
  dense,
  dropout,
  groupNormalization,
  layerNormalization,
  gaussianNoise,
  embedding,
  fold,
  merge,
  pad,
  permute,
  pool2d,
  prelu,
  randomAffine,
  randomCrop,
  randomFlip,
  randomTone,
  rescaling,
  reshape,
  resize,
  standardize,
  unfold,
  unitLength,
};
