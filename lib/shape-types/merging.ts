import type { SampleShape } from '../tensor/shapes.js';
import type { Add, Differ, Subtract } from './arithmetic.js';
import type { Option, Size } from './options.js';
import type { IsOpen, Misfit, ShapesDiffer, ShowShape } from './shapes.js';

/** The broadcast shape. Sizes of 1 and missing leading axes are repeated. */
export type MergeShape<Layer extends string, Inputs extends readonly unknown[]> = Inputs extends readonly [
  infer A extends SampleShape,
  infer B extends SampleShape,
  ...infer Rest,
]
  ? JoinShapes<A, B> extends infer Joined
    ? Joined extends SampleShape
      ? Rest extends readonly []
        ? Joined
        : MergeShape<Layer, [Joined, ...Rest]>
      : Misfit<`${Layer}: inputs of ${ShowShape<A>} and ${ShowShape<B>} can't be broadcast; sizes must be equal, or 1 in one of them`>
    : never
  : TooFew<Layer, Inputs>;

type TooFew<Layer extends string, Inputs extends readonly unknown[]> = number extends Inputs['length']
  ? SampleShape
  : Misfit<`${Layer}: it takes a list of two or more values`>;

/** 'unlike' if the shapes can't be broadcast. */
type JoinShapes<A extends SampleShape, B extends SampleShape, Out extends SampleShape = []> = true extends
  | IsOpen<A>
  | IsOpen<B>
  ? SampleShape
  : A extends readonly [...infer As extends SampleShape, infer A0]
    ? B extends readonly [...infer Bs extends SampleShape, infer B0]
      ? JoinSizes<A0, B0> extends infer Joined
        ? Joined extends number | null
          ? JoinShapes<As, Bs, [Joined, ...Out]>
          : 'unlike'
        : never
      : [...A, ...Out]
    : [...B, ...Out];

type JoinSizes<A, B> = B extends 1
  ? A
  : A extends 1
    ? B
    : Differ<A, B> extends true
      ? 'unlike'
      : number extends A
        ? B
        : A;

/** As MergeShape, for exactly two inputs. */
export type SubtractShape<Inputs extends readonly unknown[]> = Inputs['length'] extends 2
  ? MergeShape<'subtract', Inputs>
  : TooMany<'subtract', Inputs>;

type TooMany<Layer extends string, Inputs extends readonly unknown[]> = number extends Inputs['length']
  ? SampleShape
  : Misfit<`${Layer}: it takes a list of two values; ${Inputs['length']} were given`>;

export type ConcatenateShape<C, Inputs extends readonly unknown[]> = Inputs extends readonly [
  infer A extends SampleShape,
  infer B extends SampleShape,
  ...infer Rest,
]
  ? true extends IsOpen<A> | IsOpen<B>
    ? SampleShape
    : AppendShape<A, B, AxisOf<Size<Option<C, 'axis'>>, A>> extends infer Joined
      ? Joined extends SampleShape
        ? Rest extends readonly []
          ? Joined
          : ConcatenateShape<C, [Joined, ...Rest]>
        : Joined
      : never
  : TooFew<'concatenate', Inputs>;

type AppendShape<A extends SampleShape, B extends SampleShape, Axis> = number extends Axis
  ? SampleShape
  : `${Axis & number}` extends keyof A
    ? `${Axis & number}` extends keyof B
      ? ShapesDiffer<WithoutAxis<A, Axis>, WithoutAxis<B, Axis>> extends true
        ? Unlike<A, B>
        : { -readonly [K in keyof A]: K extends `${Axis & number}` ? Add<A[K], B[K & keyof B]> : A[K] }
      : Unlike<A, B>
    : Misfit<`concatenate: there is no such axis in a batch of ${ShowShape<A>}`>;

type Unlike<
  A extends SampleShape,
  B extends SampleShape,
> = Misfit<`concatenate: inputs of ${ShowShape<A>} and ${ShowShape<B>} can't be concatenated; all sizes except that of the axis must be equal`>;

/**
 * The index of an axis without the batch axis. `Axis` counts the batch, or is negative and counts from the
 * end. 'negative' for no valid axis.
 */
type AxisOf<Axis, S extends SampleShape> = `${Axis & number}` extends `-${infer FromEnd extends number}`
  ? Subtract<S['length'], FromEnd>
  : Subtract<Axis, 1>;

/** Removes an axis from a shape of known rank. */
type WithoutAxis<
  S extends readonly unknown[],
  Axis,
  Before extends readonly unknown[] = [],
> = S extends readonly [infer First, ...infer Rest]
  ? Before['length'] extends Axis
    ? [...Before, ...Rest]
    : WithoutAxis<Rest, Axis, [...Before, First]>
  : Before;

export type DotShape<C, Inputs extends readonly unknown[]> = Inputs extends readonly [
  infer A extends SampleShape,
  infer B extends SampleShape,
]
  ? true extends IsOpen<A> | IsOpen<B>
    ? SampleShape
    : Contract<A, B, DotAxis<C, A, 0>, DotAxis<C, B, 1>>
  : TooMany<'dot', Inputs>;

type DotAxis<C, S extends SampleShape, Side extends 0 | 1> =
  Option<C, 'axes'> extends infer Axes
    ? Axes extends readonly [unknown, unknown]
      ? AxisOf<Size<Axes[Side]>, S>
      : AxisOf<Size<Axes>, S>
    : never;

type Contract<A extends SampleShape, B extends SampleShape, AxisA, AxisB> = number extends AxisA | AxisB
  ? SampleShape
  : Differ<A[AxisA & keyof A], B[AxisB & keyof B]> extends true
    ? Misfit<`dot: it sums over ${A[AxisA & keyof A] & number} elements of ${ShowShape<A>} and ${B[AxisB &
        keyof B] &
        number} of ${ShowShape<B>}; the numbers must be equal`>
    : [...WithoutAxis<A, AxisA>, ...WithoutAxis<B, AxisB>] extends infer Rest
      ? Rest extends readonly []
        ? [1]
        : Rest
      : never;
