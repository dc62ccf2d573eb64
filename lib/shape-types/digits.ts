/**
 * Arithmetic of the type checker on whole numbers that are strings of decimal digits. Unless stated otherwise
 * the ones come first ("42" is "24"), so that carries run along the string, and numbers have no superfluous
 * zeros. The work grows with the number of digits, not with the number: 25088 costs hardly more than 10.
 */

/** A tuple whose length is the digit. Lengths of tuples add up, and TypeScript has no other arithmetic. */
interface Units {
  '0': [];
  '1': [1];
  '2': [1, 1];
  '3': [1, 1, 1];
  '4': [1, 1, 1, 1];
  '5': [1, 1, 1, 1, 1];
  '6': [1, 1, 1, 1, 1, 1];
  '7': [1, 1, 1, 1, 1, 1, 1];
  '8': [1, 1, 1, 1, 1, 1, 1, 1];
  '9': [1, 1, 1, 1, 1, 1, 1, 1, 1];
}

type Ten = [...Units['9'], 1];

interface Copies<T extends readonly 1[]> {
  '0': [];
  '1': T;
  '2': [...T, ...T];
  '3': [...T, ...T, ...T];
  '4': [...T, ...T, ...T, ...T];
  '5': [...T, ...T, ...T, ...T, ...T];
  '6': [...T, ...T, ...T, ...T, ...T, ...T];
  '7': [...T, ...T, ...T, ...T, ...T, ...T, ...T];
  '8': [...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T];
  '9': [...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T, ...T];
}

type Digit = keyof Units;

/** [ones, tens] of 0 to 99. */
type OnesAndTens<N> = `${N & number}` extends `${infer Tens extends Digit}${infer Ones extends Digit}`
  ? [Ones, Tens]
  : [`${N & number}`, '0'];

/** [digit, carry] of A + B + Carry. */
type AddDigit<A extends Digit, B extends Digit, Carry extends Digit> = OnesAndTens<
  [...Units[A], ...Units[B], ...Units[Carry]]['length']
>;

/** [digit, carry] of A * B + Carry. */
type MultiplyDigit<A extends Digit, B extends Digit, Carry extends Digit> = OnesAndTens<
  [...Copies<Units[A]>[B], ...Units[Carry]]['length']
>;

/** [digit, borrow] of A - B - Borrow. */
type SubtractDigit<A extends Digit, B extends Digit, Borrow extends Digit> = Units[A] extends [
  ...Units[B],
  ...Units[Borrow],
  ...infer Rest,
]
  ? [`${Rest['length']}`, '0']
  : [...Ten, ...Units[A]] extends [...Units[B], ...Units[Borrow], ...infer Rest]
    ? [`${Rest['length']}`, '1']
    : never;

export type Reverse<S extends string, Out extends string = ''> = S extends `${infer First}${infer Rest}`
  ? Reverse<Rest, `${First}${Out}`>
  : Out;

/** Removes zeros at the end, which are the number's leading zeros. */
type Trim<S extends string> = S extends `${infer Rest}0` ? (Rest extends '' ? S : Trim<Rest>) : S;

export type AddDigits<
  A extends string,
  B extends string,
  Carry extends Digit = '0',
  Out extends string = '',
> = A extends `${infer A0 extends Digit}${infer As}`
  ? B extends `${infer B0 extends Digit}${infer Bs}`
    ? AddDigit<A0, B0, Carry> extends [infer Sum extends Digit, infer Next extends Digit]
      ? AddDigits<As, Bs, Next, `${Out}${Sum}`>
      : never
    : Carry extends '0'
      ? `${Out}${A}`
      : AddDigits<A, Carry, '0', Out>
  : Carry extends '0'
    ? `${Out}${B}`
    : B extends ''
      ? `${Out}${Carry}`
      : AddDigits<B, Carry, '0', Out>;

/** 'negative' if B is larger. */
export type SubtractDigits<
  A extends string,
  B extends string,
  Borrow extends Digit = '0',
  Out extends string = '',
> = A extends `${infer A0 extends Digit}${infer As}`
  ? B extends `${infer B0 extends Digit}${infer Bs}`
    ? SubtractDigit<A0, B0, Borrow> extends [infer Difference extends Digit, infer Next extends Digit]
      ? SubtractDigits<As, Bs, Next, `${Out}${Difference}`>
      : never
    : Borrow extends '0'
      ? Trim<`${Out}${A}`>
      : SubtractDigits<A, Borrow, '0', Out>
  : `${B}${Borrow}` extends '0'
    ? Trim<Out>
    : 'negative';

type MultiplyByDigit<
  A extends string,
  B extends Digit,
  Carry extends Digit = '0',
  Out extends string = '',
> = A extends `${infer A0 extends Digit}${infer As}`
  ? MultiplyDigit<A0, B, Carry> extends [infer Product extends Digit, infer Next extends Digit]
    ? MultiplyByDigit<As, B, Next, `${Out}${Product}`>
    : never
  : Carry extends '0'
    ? Out
    : `${Out}${Carry}`;

/** `Shift` has a zero for each digit of B that is done. */
export type MultiplyDigits<
  A extends string,
  B extends string,
  Out extends string = '0',
  Shift extends string = '',
> = B extends `${infer B0 extends Digit}${infer Bs}`
  ? MultiplyDigits<A, Bs, AddDigits<Out, `${Shift}${MultiplyByDigit<A, B0>}`>, `${Shift}0`>
  : Trim<Out>;

/** [quotient, remainder] of A / B, for A less than ten times B. The quotient is a number. */
type Take<A extends string, B extends string, Times extends 1[] = []> =
  SubtractDigits<A, B> extends infer Rest extends string
    ? Rest extends 'negative'
      ? [Times['length'], A]
      : Take<Rest, B, [...Times, 1]>
    : never;

/**
 * [quotient, remainder]. The first digits of A and of the quotient come first, as in long division. The
 * quotient may have leading zeros.
 */
export type DivideDigits<
  A extends string,
  B extends string,
  Remainder extends string = '0',
  Quotient extends string = '',
> = A extends `${infer A0 extends Digit}${infer As}`
  ? Take<Remainder extends '0' ? A0 : `${A0}${Remainder}`, B> extends [
      infer Times extends number,
      infer Rest extends string,
    ]
    ? DivideDigits<As, B, Rest, `${Quotient}${Times}`>
    : never
  : [Quotient, Remainder];

/**
 * The digits of a whole number; false for `number` and for anything but a whole number from 0 up. Without
 * `strict`, null would extend string.
 */
export type ToDigits<N> = N extends number
  ? number extends N
    ? false
    : OnlyDigits<`${N}`> extends true
      ? Reverse<`${N}`>
      : false
  : false;

type OnlyDigits<S extends string> = S extends `${Digit}${infer Rest}`
  ? Rest extends ''
    ? true
    : OnlyDigits<Rest>
  : false;

/** The number, or `number` above what numbers hold exactly. */
export type FromDigits<S extends string> =
  Trim<S> extends infer Trimmed extends string ? Read<Reverse<Trimmed>> : never;

type Read<S extends string> = S extends `${infer N extends number}` ? N : number;
