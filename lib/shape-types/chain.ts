import type { SampleShape } from '../tensor/shapes.js';
import type { Misfit } from './shapes.js';
import type { InputOf, OutputOf } from './rules.js';

/** For each layer of a list the shape it gives, the first being fed with `Input`; a misfit for one that doesn't fit. */
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

/** The same for the layers of a model, the first of which says what it takes. */
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

/** What a model of these layers takes. */
export type ChainInput<Layers extends readonly unknown[]> = Layers extends readonly [
  infer First,
  ...unknown[],
]
  ? Extract<InputOf<First>, SampleShape>
  : SampleShape;

/** Layer number I, or a misfit if it doesn't fit. */
type Marked<Layers, I extends keyof Layers, Outputs> = I extends keyof Outputs
  ? [Outputs[I]] extends [never]
    ? Layers[I]
    : Outputs[I] extends Misfit<string>
      ? Outputs[I]
      : Layers[I]
  : Layers[I];

/** What a model accepts as its layer number I. */
export type FittingLayer<Layers extends readonly unknown[], I extends keyof Layers> = Marked<
  Layers,
  I,
  OutputsOf<Layers>
>;

/** What a model accepts as its layers. */
export type FittingChain<Layers> = {
  [I in keyof Layers]: Layers extends readonly unknown[] ? FittingLayer<Layers, I> : Layers[I];
};

/** What a value of shape `Input` can be sent through. */
export type FittingAfter<Layers extends readonly unknown[], Input extends SampleShape> = {
  [I in keyof Layers]: Marked<Layers, I, OutputsAfter<Layers, Input>>;
};

/** The shape that the last layer gives; `Input` if there is none. */
export type LastOf<Outputs extends readonly unknown[], Input extends SampleShape> = Outputs extends readonly [
  ...unknown[],
  infer Last,
]
  ? Last extends SampleShape
    ? Last
    : SampleShape
  : Input;

/** Shapes alone, for the type of a model. */
export type ShapesOnly<Outputs extends readonly unknown[]> = {
  [I in keyof Outputs]: Outputs[I] extends SampleShape ? Outputs[I] : SampleShape;
};
