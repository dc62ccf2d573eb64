import { expect } from 'vitest';
import type { Sequential, SymbolicTensor } from '../../lib/index.js';
import type { SampleShape } from '../../lib/layers/shapes.js';

type Writable<List> = {
  -readonly [I in keyof List]: List[I] extends readonly unknown[] ? Writable<List[I]> : List[I];
};

/** `Expected` if the type has just this shape, or else a message that no value has. */
type Exactly<Known, Expected> = [Known, Writable<Expected>] extends [Writable<Expected>, Known]
  ? Expected
  : { 'the type says': Known };

/** That both the value and its type have this shape. */
export function expectShape<Known extends SampleShape, const Expected extends SampleShape>(
  value: SymbolicTensor<Known>,
  expected: Exactly<Known, Expected>,
): void {
  expect(value.sampleShape).toEqual(expected);
}

/** That both the model's layers and its type have these output shapes. */
export function expectShapes<
  Known extends readonly SampleShape[],
  Input extends SampleShape,
  const Expected extends readonly SampleShape[],
>(model: Sequential<Input, Known>, expected: Exactly<Known, Expected>): void {
  expect(model.sorted.map(({ outputs }) => outputs[0].sampleShape)).toEqual(expected);
}
