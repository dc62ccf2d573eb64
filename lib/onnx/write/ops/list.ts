import type { OpName } from '../../../program/description.js';
import type { NodeWriter } from '../node.js';
import { activation } from './activation.js';
import { binary, matMul, operand, reduce, select } from './broadcasting.js';
import { constant, gather, pad, resample, slice } from './cutting.js';
import { add, merge, prelu, rescaling, standardize, unitLength } from './elementwise.js';
import { batchNormalization, groupNormalization, layerNormalization } from './normalizations.js';
import { pool2d } from './pooling.js';
import { dense, embedding } from './products.js';
import { refuseDraws, unlessTraining } from './random.js';
import { randomCrop, resize } from './resizing.js';
import { broadcast, concatenate, fold, permute, reshape, split, unfold } from './shapes.js';
import { clip, cumsum, lrn, unary } from './unary.js';
import { conv2d, conv2dTranspose, spaceToDepth } from './windows.js';

type OpWriters = { readonly [Op in Exclude<OpName, 'input'>]: (writer: NodeWriter<Op>) => void };

/** Writes a node of the program, by its op. */
export const OP_WRITERS: OpWriters = {
  activation,
  add,
  batchNormalization,
  binary,
  broadcast,
  clip,
  concatenate,
  constant,
  conv2d,
  conv2dTranspose,
  cumsum,
  dense,
  dropout: unlessTraining,
  embedding,
  fold,
  gather,
  gaussianNoise: unlessTraining,
  groupNormalization,
  layerNormalization,
  lrn,
  matMul,
  merge,
  operand,
  pad,
  permute,
  pool2d,
  prelu,
  randomAffine: unlessTraining,
  randomCrop(writer) {
    refuseDraws(writer);
    randomCrop(writer);
  },
  randomFlip: unlessTraining,
  randomTone: unlessTraining,
  reduce,
  resample,
  rescaling,
  reshape,
  resize,
  select,
  slice,
  spaceToDepth,
  split,
  standardize,
  unary,
  unfold,
  unitLength,
};
