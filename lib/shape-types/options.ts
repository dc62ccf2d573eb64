import type { SampleShape } from '../tensor/shapes.js';
import type { Misfit } from './shapes.js';

/**
 * The type of a factory's options, `O` being what the compiler finds in the call. Generic options would let any key pass, so those
 * that aren't known are named here. `Known` itself brings the options' texts, which editors show. Lists are checked against it alone:
 * the compiler takes [...sizes, 3] for a plain list where two types meet.
 */
export type Given<O, Known> = Known & {
  [Key in keyof O]: Key extends keyof Known
    ? O[Key] extends readonly unknown[]
      ? unknown
      : O[Key]
    : string extends Key
      ? O[Key]
      : Misfit<`there is no option '${Key & string}'`>;
};

declare const DEFAULTS: unique symbol;

/** A layer whose options have these defaults. */
export interface Defaulted<D> {
  /**
   * Never there: what the type remembers.
   * @internal
   */
  readonly [DEFAULTS]?: D;
}

export type DefaultsIn<L> = L extends Defaulted<infer D> ? D : NoOptions;

/** The options `O` of a call, and the defaults `D` of those that it leaves out. */
export interface Call<O, D> {
  readonly options: O;
  readonly defaults: D;
}

/** What the option is in call `C`, or its default if it isn't given; undefined without one. */
export type Option<C, Key extends string> =
  C extends Call<infer O, infer D>
    ? Key extends keyof O
      ? O[Key]
      : Key extends keyof D
        ? DefaultOf<C, D[Key]>
        : undefined
    : undefined;

/** A default may be the value of another option: see `sameAs` of layers/options/schema.ts. */
type DefaultOf<C, Default> = Default extends { readonly sameAs: infer Key extends string }
  ? Option<C, Key>
  : Default;

/** A number of which the value is known, or else `number`: also for 3 | 5, and for an option that may be left out. */
export type Size<V, All = V> = V extends number ? ([All] extends [V] ? V : number) : number;

/** [vertical, horizontal] of one number or two. */
export type Pair<V> = [V] extends [number]
  ? [Size<V>, Size<V>]
  : [V] extends [readonly [infer A, infer B]]
    ? [Size<A>, Size<B>]
    : [number, number];

/** One number, or a list of one. */
export type Single<V> = [V] extends [readonly [infer A]] ? Size<A> : Size<V>;

/** A shape of which the sizes are known, or the number of axes, or nothing. */
export type Sizes<V> = V extends readonly unknown[]
  ? number extends V['length']
    ? SampleShape
    : { -readonly [Axis in keyof V]: OpenSize<V[Axis]> }
  : SampleShape;

/** A size, or null for one that may be any. */
type OpenSize<V> = [V] extends [null] ? null : Size<V>;

/** Options that layers have in place of inputShape, by the layers' names. */
interface InputSizes {
  dense: 'inputDim';
  embedding: 'inputLength';
}

/** The sample's shape that a layer's options give, by inputShape, batchInputShape or what stands for them; undefined if they give none. */
export type GivenInputShape<Name, O> = 'inputShape' extends keyof O
  ? Sizes<O['inputShape']>
  : 'batchInputShape' extends keyof O
    ? O['batchInputShape'] extends readonly [unknown, ...infer Sample]
      ? Sizes<Sample>
      : SampleShape
    : Name extends keyof InputSizes
      ? InputSizes[Name] extends keyof O
        ? SizesOrSize<O[InputSizes[Name]]>
        : UsualInputShape<Name>
      : undefined;

/** What a layer takes as the first one of a model that its options don't say it for. */
type UsualInputShape<Name> = Name extends 'embedding' ? [null] : undefined;

type SizesOrSize<V> = [V] extends [number | null] ? [OpenSize<V>] : Sizes<V>;

/** The options of a factory that is called without any. */
export type NoOptions = Record<never, never>;
