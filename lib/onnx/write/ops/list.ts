import type { OpName } from '../../../program/description.js';
import type { NodeWriter } from '../node.js';
import { activation } from './activation.js';
import { add, merge, prelu, rescaling, standardize, unitLength } from './elementwise.js';
import { batchNormalization, groupNormalization, layerNormalization } from './normalizations.js';
import { dense, embedding } from './products.js';
import { refuseDraws, unlessTraining } from './random.js';
import { randomCrop, resize } from './resizing.js';
import { broadcast, concatenate, fold, pad, permute, reshape, split, unfold } from './shapes.js';
import { conv2d, conv2dTranspose, pool2d, spaceToDepth } from './windows.js';

type OpWriters = { readonly [Op in Exclude<OpName, 'input'>]?: (writer: NodeWriter<Op>) => void };

/** Writes a node of the program, by its op. */
export const OP_WRITERS: OpWriters = {
  activation,
  add,
  batchNormalization,
  broadcast,
  concatenate,
  conv2d,
  conv2dTranspose,
  dense,
  dropout: unlessTraining,
  embedding,
  fold,
  gaussianNoise: unlessTraining,
  groupNormalization,
  layerNormalization,
  merge,
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
  rescaling,
  reshape,
  resize,
  spaceToDepth,
  split,
  standardize,
  unfold,
  unitLength,
};
