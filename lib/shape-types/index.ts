export type {
  ChainInput,
  FittingAfter,
  FittingChain,
  FittingLayer,
  LastOf,
  OutputsAfter,
  OutputsOf,
  ShapesOnly,
} from './chain.js';
export type { Given, NoOptions, Sizes } from './options.js';
export type { LayerRules, MergeRules, RuleName } from './rules.js';
export type { OutputOf, Shaped } from './shaped.js';
export type { Misfit } from './shapes.js';
export type { AppliedShape, FittingInputs, InputShape, InputTensor, ShapeOf, ShapesOf } from './values.js';
export type { Memo, SHAPES } from './memo.js';
