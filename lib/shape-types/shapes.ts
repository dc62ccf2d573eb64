import type { SampleShape } from '../tensor/shapes.js';
import type { Differ, Multiply } from './arithmetic.js';

/**
 * The type of a layer or option that doesn't fit. Nothing has this type, so the compiler's message shows the
 * text.
 */
export type Misfit<Message extends string> = Message;

/** Whether even the rank is unknown. */
export type IsOpen<S extends SampleShape> = number extends S['length'] ? true : false;

/** A misfit, or SampleShape if the shape isn't known. */
export type Refuse<S extends SampleShape, Message extends string> =
  IsOpen<S> extends true ? SampleShape : Misfit<Message>;

/** "28x28x1", with ? for unknown sizes. */
export type ShowShape<S extends readonly unknown[]> = S extends readonly [infer First, ...infer Rest]
  ? Rest extends readonly []
    ? ShowSize<First>
    : `${ShowSize<First>}x${ShowShape<Rest>}`
  : 'scalar';

type ShowSize<N> = N extends number ? (number extends N ? '?' : `${N}`) : '?';

/** The output, or a misfit if the layer's weights depend on a variable last size of the input. */
export type Weighted<Layer extends string, Input extends SampleShape, Output> =
  IsOpen<Input> extends true
    ? Output
    : Input extends readonly [...unknown[], null]
      ? Output extends Misfit<string>
        ? Output
        : Misfit<`${Layer}: its weights depend on sizes that the model's input leaves open; its own input is ${ShowShape<Input>}`>
      : Output;

/** The number of elements of a value of this shape. */
export type ElementCount<S extends readonly unknown[], Product = 1> = S extends readonly [
  infer First,
  ...infer Rest,
]
  ? ElementCount<Rest, Multiply<Product, First>>
  : S extends readonly []
    ? Product
    : number;

/** Whether two shapes are known to differ. */
export type ShapesDiffer<A extends readonly unknown[], B extends readonly unknown[]> = number extends
  | A['length']
  | B['length']
  ? false
  : A extends readonly [infer A0, ...infer As]
    ? B extends readonly [infer B0, ...infer Bs]
      ? Differ<A0, B0> extends true
        ? true
        : ShapesDiffer<As, Bs>
      : true
    : B extends readonly []
      ? false
      : true;

/** A shape of three sizes, or a misfit. A shape that isn't known may have any sizes. */
export type Image<Layer extends string, S extends SampleShape> =
  IsOpen<S> extends true
    ? [number, number, number]
    : S['length'] extends 3
      ? S
      : Misfit<`${Layer}: the input is ${ShowShape<S>}; it must be an image, [height, width, channels]`>;

export type Sequence<Layer extends string, S extends SampleShape> =
  IsOpen<S> extends true
    ? [number, number]
    : S['length'] extends 2
      ? S
      : Misfit<`${Layer}: the input is ${ShowShape<S>}; it must be a sequence, [steps, channels]`>;
