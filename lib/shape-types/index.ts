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
export type { Defaulted, Given, NoOptions, Sizes } from './options.js';
export type { LayerRules, MergeRules, OutputOf, RuleName, Shaped } from './rules.js';
export type { Misfit } from './shapes.js';
export type { AppliedShape, FittingInputs, InputShape, KnownInput, ShapeOf, ShapesOf } from './values.js';
export type { Memo, SHAPES } from './memo.js';
