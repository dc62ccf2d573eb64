import { expectTypeOf, it } from 'vitest';
import type {
  Add,
  Differ,
  Divide,
  DivideUp,
  IsLess,
  Multiply,
  Remainder,
  Subtract,
} from '../../lib/shape-types/arithmetic.js';

it('adds with carries', () => {
  expectTypeOf<Add<224, 0>>().toEqualTypeOf<224>();
  expectTypeOf<Add<0, 7>>().toEqualTypeOf<7>();
  expectTypeOf<Add<999, 1>>().toEqualTypeOf<1000>();
  expectTypeOf<Add<1, 999>>().toEqualTypeOf<1000>();
  expectTypeOf<Add<58, 67>>().toEqualTypeOf<125>();
});

it('subtracts with borrows, and reports negative results', () => {
  expectTypeOf<Subtract<224, 3>>().toEqualTypeOf<221>();
  expectTypeOf<Subtract<1000, 1>>().toEqualTypeOf<999>();
  expectTypeOf<Subtract<5, 5>>().toEqualTypeOf<0>();
  expectTypeOf<Subtract<100, 99>>().toEqualTypeOf<1>();
  expectTypeOf<Subtract<3, 5>>().toEqualTypeOf<'negative'>();
  expectTypeOf<Subtract<12, 21>>().toEqualTypeOf<'negative'>();
  expectTypeOf<Subtract<10, 100>>().toEqualTypeOf<'negative'>();
});

it('multiplies up to the limit of elements', () => {
  expectTypeOf<Multiply<49, 512>>().toEqualTypeOf<25088>();
  expectTypeOf<Multiply<25088, 4096>>().toEqualTypeOf<102760448>();
  expectTypeOf<Multiply<100, 30>>().toEqualTypeOf<3000>();
  expectTypeOf<Multiply<99, 99>>().toEqualTypeOf<9801>();
  expectTypeOf<Multiply<0, 77>>().toEqualTypeOf<0>();
  expectTypeOf<Multiply<77, 0>>().toEqualTypeOf<0>();
});

it('divides, rounding down or up', () => {
  expectTypeOf<Divide<221, 2>>().toEqualTypeOf<110>();
  expectTypeOf<Remainder<221, 2>>().toEqualTypeOf<1>();
  expectTypeOf<Divide<25088, 512>>().toEqualTypeOf<49>();
  expectTypeOf<Remainder<25088, 512>>().toEqualTypeOf<0>();
  expectTypeOf<Divide<3, 5>>().toEqualTypeOf<0>();
  expectTypeOf<Remainder<3, 5>>().toEqualTypeOf<3>();
  expectTypeOf<Divide<1000, 10>>().toEqualTypeOf<100>();
  expectTypeOf<DivideUp<28, 3>>().toEqualTypeOf<10>();
  expectTypeOf<DivideUp<27, 3>>().toEqualTypeOf<9>();
});

it('compares', () => {
  expectTypeOf<IsLess<3, 4>>().toEqualTypeOf<true>();
  expectTypeOf<IsLess<4, 4>>().toEqualTypeOf<false>();
  expectTypeOf<Differ<3, 4>>().toEqualTypeOf<true>();
  expectTypeOf<Differ<3, 3>>().toEqualTypeOf<false>();
});

it('gives number for unknown operands', () => {
  expectTypeOf<Add<number, 1>>().toEqualTypeOf<number>();
  expectTypeOf<Add<1.5, 1>>().toEqualTypeOf<number>();
  expectTypeOf<Subtract<3, number>>().toEqualTypeOf<number>();
  expectTypeOf<Subtract<3, -1>>().toEqualTypeOf<number>();
  expectTypeOf<Multiply<94906267, 94906267>>().toEqualTypeOf<number>();
  expectTypeOf<Multiply<1e21, 2>>().toEqualTypeOf<number>();
  expectTypeOf<Divide<5, 0>>().toEqualTypeOf<number>();
  expectTypeOf<DivideUp<number, 3>>().toEqualTypeOf<number>();
  expectTypeOf<IsLess<number, 4>>().toEqualTypeOf<false>();
  expectTypeOf<Differ<3, number>>().toEqualTypeOf<false>();
  expectTypeOf<Differ<-3, 3>>().toEqualTypeOf<false>();
});
