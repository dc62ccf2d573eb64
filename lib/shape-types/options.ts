import type { SampleShape } from '../tensor/shapes.js';
import type { Misfit } from './shapes.js';

/**
 * The type of a factory's options, where `O` is inferred from the call. Generic options would accept any key,
 * so unknown keys become misfits. `Known` brings the options' texts, which editors show. Lists are checked
 * against `Known` only, since the compiler takes [...sizes, 3] for a plain list where two types meet.
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
   * Never exists; the type remembers the defaults.
   *
   * @internal
   */
  readonly [DEFAULTS]?: D;
}

export type DefaultsIn<L> = L extends Defaulted<infer D> ? D : NoOptions;

/** The options `O` of a call, and the defaults `D` of the options that it leaves out. */
export interface Call<O, D> {
  readonly options: O;
  readonly defaults: D;
}

/** The option's type in call `C`, or its default if it isn't given; undefined without a default. */
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

/**
 * A number literal, or `number` if the value isn't known: also for 3 | 5, for an option that may be missing,
 * and for `any`, which null becomes without `strict`.
 */
export type Size<V, All = V> = [V] extends [null | undefined]
  ? number
  : V extends number
    ? [All] extends [V]
      ? V
      : number
    : number;

/** [vertical, horizontal] of one number or two. */
export type Pair<V> = [V] extends [number]
  ? [Size<V>, Size<V>]
  : [V] extends [readonly [infer A, infer B]]
    ? [Size<A>, Size<B>]
    : [number, number];

/** One number, or a list of one number. */
export type Single<V> = [V] extends [readonly [infer A]] ? Size<A> : Size<V>;

/** A shape as far as it is known: its sizes, only its rank, or nothing. */
export type Sizes<V> = V extends readonly unknown[]
  ? number extends V['length']
    ? SampleShape
    : { -readonly [Axis in keyof V]: OpenSize<V[Axis]> }
  : SampleShape;

/** A size, or null for a variable size. */
type OpenSize<V> = 0 extends 1 & V ? number : [V] extends [null] ? null : Size<V>;

/** Options that layers have instead of inputShape, by the layers' names. */
interface InputSizes {
  dense: 'inputDim';
  embedding: 'inputLength';
}

/**
 * The sample shape in a layer's options (inputShape, batchInputShape or InputSizes); undefined if there is
 * none.
 */
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

/** The input shape of a layer that needs no option as the first layer of a model. */
type UsualInputShape<Name> = Name extends 'embedding' ? [null] : undefined;

type SizesOrSize<V> = [V] extends [number | null] ? [OpenSize<V>] : Sizes<V>;

/** The options of a factory that is called without any. */
export type NoOptions = Record<never, never>;
