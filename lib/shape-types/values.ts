import type { SampleShape } from '../tensor/shapes.js';
import type { Memo, Recall } from './memo.js';
import type { Sizes } from './options.js';
import type { OutputOf } from './rules.js';
import type { IsOpen, Misfit } from './shapes.js';

declare const INPUT: unique symbol;

/** The output of a layer: a value of shape `S`. */
interface Value<S extends SampleShape = SampleShape> {
  readonly sampleShape: S;
}

/** The part of an input's type that knows its shape. */
export interface KnownInput<S extends SampleShape> {
  /** Never exists; the type remembers the shape. */
  readonly [INPUT]?: Memo<S>;
}

/** The shape of a value, as `pipe` uses it. */
export type ShapeOf<T extends Value> = T extends { readonly [INPUT]?: infer M }
  ? [Recall<M>] extends [never]
    ? T['sampleShape']
    : Extract<Recall<M>, SampleShape>
  : T['sampleShape'];

/** The shape in the options of `input`. */
export type InputShape<O> = 'shape' extends keyof O
  ? Sizes<O['shape']>
  : 'batchShape' extends keyof O
    ? O['batchShape'] extends readonly [unknown, ...infer Sample]
      ? Sizes<Sample>
      : SampleShape
    : SampleShape;

type OutputFrom<L, Inputs> =
  Inputs extends Value<infer S>
    ? OutputOfKnown<L, [S]>
    : Inputs extends readonly Value[]
      ? OutputOfKnown<L, SampleShapes<Inputs>>
      : SampleShape;

/** SampleShape if any input's shape isn't known. */
type OutputOfKnown<L, Shapes extends readonly SampleShape[]> =
  true extends IsOpen<Shapes[number]> ? SampleShape : OutputOf<L, Shapes>;

type SampleShapes<Values extends readonly Value[]> = {
  -readonly [I in keyof Values]: Values[I] extends Value<infer S> ? S : SampleShape;
};

/** The inputs of `apply`, or a misfit. */
export type FittingInputs<L, Inputs> =
  OutputFrom<L, Inputs> extends infer Output ? (Output extends Misfit<string> ? Output : Inputs) : never;

/** The output shape of `apply`. */
export type AppliedShape<L, Inputs> =
  OutputFrom<L, Inputs> extends infer Output ? (Output extends SampleShape ? Output : SampleShape) : never;

/** The shapes of one value or of a list, for a model's type. */
export type ShapesOf<Values> = Values extends Value
  ? [ShapeOf<Values>]
  : Values extends readonly Value[]
    ? { -readonly [I in keyof Values]: Values[I] extends Value ? ShapeOf<Values[I]> : SampleShape }
    : readonly SampleShape[];
