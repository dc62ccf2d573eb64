import type { SampleShape } from '../tensor/shapes.js';
import type { Misfit } from './shapes.js';
import type { InputOf, OutputOf } from './rules.js';

/**
 * The output shape of each layer of a list, given the first one's `Input`. A layer that doesn't fit has a
 * misfit.
 */
export type OutputsAfter<
  Layers extends readonly unknown[],
  Input extends SampleShape,
  Out extends readonly unknown[] = [],
> = Layers extends readonly [infer First, ...infer Rest]
  ? OutputOf<First, [Input]> extends infer Output
    ? OutputsAfter<Rest, Output extends SampleShape ? Output : SampleShape, [...Out, Output]>
    : never
  : Layers extends readonly []
    ? Out
    : [...Out, ...SampleShape[]];

/** As OutputsAfter, for a model whose first layer gives the input shape. */
export type OutputsOf<Layers extends readonly unknown[]> = Layers extends readonly [
  infer First,
  ...infer Rest,
]
  ? InputOf<First> extends infer Input
    ? Input extends SampleShape
      ? OutputsAfter<Layers, Input>
      : [Input, ...OutputsAfter<Rest, SampleShape>]
    : never
  : OutputsAfter<Layers, SampleShape>;

/** The input shape of a model of these layers. */
export type ChainInput<Layers extends readonly unknown[]> = Layers extends readonly [
  infer First,
  ...unknown[],
]
  ? Extract<InputOf<First>, SampleShape>
  : SampleShape;

/** Layer I, or a misfit if it doesn't fit. */
type Marked<Layers, I extends keyof Layers, Outputs> = I extends keyof Outputs
  ? [Outputs[I]] extends [never]
    ? Layers[I]
    : Outputs[I] extends Misfit<string>
      ? Outputs[I]
      : Layers[I]
  : Layers[I];

/** The type that a model accepts as its layer I. */
export type FittingLayer<Layers extends readonly unknown[], I extends keyof Layers> = Marked<
  Layers,
  I,
  OutputsOf<Layers>
>;

/** The type that a model accepts as its layers. */
export type FittingChain<Layers> = {
  [I in keyof Layers]: Layers extends readonly unknown[] ? FittingLayer<Layers, I> : Layers[I];
};

/** The type of layers that `pipe` accepts for a value of shape `Input`. */
export type FittingAfter<Layers extends readonly unknown[], Input extends SampleShape> = {
  [I in keyof Layers]: Marked<Layers, I, OutputsAfter<Layers, Input>>;
};

/** The output shape of the last layer, or `Input` without layers. */
export type LastOf<Outputs extends readonly unknown[], Input extends SampleShape> = Outputs extends readonly [
  ...unknown[],
  infer Last,
]
  ? Last extends SampleShape
    ? Last
    : SampleShape
  : Input;

/** The outputs without misfits, for the type of a model. */
export type ShapesOnly<Outputs extends readonly unknown[]> = {
  [I in keyof Outputs]: Outputs[I] extends SampleShape ? Outputs[I] : SampleShape;
};
