import type {
  AddDigits,
  DivideDigits,
  FromDigits,
  MultiplyDigits,
  Reverse,
  SubtractDigits,
  ToDigits,
} from './digits.js';

/**
 * Adds whole numbers from 0 up, as types. Here and below, `number` means unknown: the result for an operand
 * that is `number`, a fraction or negative, or for a result above 2^53. null is a variable size, and makes
 * the result null.
 */
export type Add<A, B> = true extends IsNull<A> | IsNull<B>
  ? null
  : A extends 0
    ? B
    : B extends 0
      ? A
      : ToDigits<A> extends infer As extends string
        ? ToDigits<B> extends infer Bs extends string
          ? FromDigits<AddDigits<As, Bs>>
          : number
        : number;

/** Asks for null this way around: without `strict`, null extends any type. */
type IsNull<A> = A extends null ? true : false;

/** 'negative' if B is larger. */
export type Subtract<A, B> = true extends IsNull<A> | IsNull<B>
  ? null
  : B extends 0
    ? A
    : ToDigits<A> extends infer As extends string
      ? ToDigits<B> extends infer Bs extends string
        ? SubtractDigits<As, Bs> extends infer Difference extends string
          ? Difference extends 'negative'
            ? 'negative'
            : FromDigits<Difference>
          : never
        : number
      : number;

export type Multiply<A, B> = true extends IsNull<A> | IsNull<B>
  ? null
  : A extends 1
    ? B
    : B extends 1
      ? A
      : ToDigits<A> extends infer As extends string
        ? ToDigits<B> extends infer Bs extends string
          ? FromDigits<MultiplyDigits<As, Bs>>
          : number
        : number;

/** [floor(A / B), remainder]. */
type DivMod<A, B> = true extends IsNull<A> | IsNull<B>
  ? [null, number]
  : B extends 1
    ? [A, 0]
    : B extends 0
      ? [number, number]
      : ToDigits<A> extends infer As extends string
        ? ToDigits<B> extends infer Bs extends string
          ? DivideDigits<Reverse<As>, Bs> extends [
              infer Quotient extends string,
              infer Remainder extends string,
            ]
            ? [FromDigits<Reverse<Quotient>>, FromDigits<Remainder>]
            : never
          : [number, number]
        : [number, number];

/** floor(A / B). */
export type Divide<A, B> = DivMod<A, B>[0];

export type Remainder<A, B> = DivMod<A, B>[1];

/** ceil(A / B). */
export type DivideUp<A, B> = Remainder<A, B> extends 0 ? Divide<A, B> : Add<Divide<A, B>, 1>;

/** Whether A is known to be less than B. */
export type IsLess<A, B> = 'negative' extends Subtract<A, B> ? true : false;

/** Whether A and B are known to differ. */
export type Differ<A, B> = number extends A | B
  ? false
  : [A] extends [B]
    ? false
    : ToDigits<A> extends string
      ? ToDigits<B> extends string
        ? true
        : false
      : false;
