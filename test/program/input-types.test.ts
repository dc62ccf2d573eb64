import { describe, expect, test } from 'vitest';
import { describeProgram, type ProgramDescription } from '../../lib/program/description.js';
import type { DType } from '../../lib/program/dtype.js';
import type { SampleArray } from '../../lib/program/engine.js';
import { type Link, rescaling, reshape, training } from '../support/chain.js';
import { inputNode, describeNode } from '../support/chain.js';
import { NAMED_ENGINES, samplesOn } from '../support/engine-comparison.js';
import { refusal } from '../support/engine-runs.js';
import { embedding } from '../support/shape-links.js';

const LARGEST = 2 ** 24;

/** A link on two samples of 3 numbers, from an input that declares its type. */
function typed(dtype: DType, link: Link): ProgramDescription {
  const input = inputNode([3], 'ids', dtype);
  const node = link([3]);
  const nodes = [input, describeNode(node, `${node.op}_1`, [0], [[3]])];
  return describeProgram({ nodes }, { training: training('halfSquaredError') });
}

describe.each(NAMED_ENGINES)('an input on the %s engine', (_, engine) => {
  const predict = async (description: ProgramDescription, values: SampleArray) => {
    const program = engine.createProgram(description);
    const [y] = await program.predict({ x: [samplesOn(engine, [2, 3], values)], batchSize: 1 }).promise;
    return [...y];
  };

  test.each(['int32', 'float32', 'uint8'] as const)(
    'that declares %s takes samples of all types',
    async (dtype) => {
      const description = typed(dtype, reshape(3));
      const numbers = [0, 1, 2, 200, 254, 255];
      for (const values of [Uint8Array.from(numbers), Int32Array.from(numbers), Float32Array.from(numbers)])
        expect(await predict(description, values)).toEqual(numbers);
    },
  );

  test('that declares int32 gives the numbers exactly, up to 2^24', async () => {
    const numbers = [LARGEST, LARGEST - 1, -LARGEST, 1 - LARGEST, 0, -1];
    expect(await predict(typed('int32', reshape(3)), Int32Array.from(numbers))).toEqual(numbers);
  });

  test.each([LARGEST + 1, -LARGEST - 1, 2 ** 31 - 1, -(2 ** 31)])(
    'that declares int32 refuses %d',
    async (number) => {
      const description = typed('int32', reshape(3));
      const values = Int32Array.of(1, 2, 3, 4, number, 5);
      const x = [samplesOn(engine, [2, 3], values)];
      const y = [samplesOn(engine, [2, 3], new Float32Array(6))];
      const program = engine.createProgram(description);
      const ways = {
        predict: () => program.predict({ x, batchSize: 2 }).promise,
        evaluate: () => program.evaluate({ x, y, batchSize: 2 }).promise,
        train: () => program.train({ x, y, batchSize: 2, order: Uint32Array.of(0), seed: 0 }),
        gradients: () => program.gradients({ x, y, seed: 0 }),
      };
      for (const [way, run] of Object.entries(ways)) {
        const { code, layer, message } = await refusal(run);
        expect([way, code, layer]).toEqual([way, 'INVALID_ARGUMENT', 'ids']);
        expect(message).toContain(
          `ids: element 4 of x is ${number}; an int32 input takes numbers from -2^24 to 2^24`,
        );
      }
    },
  );

  test('that declares float32 rounds integers that float32 does not hold', async () => {
    const values = Int32Array.of(LARGEST + 1, 0, 0, 0, 0, -LARGEST - 3);
    const y = await predict(typed('float32', reshape(3)), values);
    expect(y).toEqual([LARGEST, 0, 0, 0, 0, -LARGEST - 4]);
  });

  test('an index beyond the rows of an embedding gives NaN, whatever its type', async () => {
    const description = typed('int32', embedding(4, 1));
    const program = engine.createProgram(description);
    program.writeWeights([Float32Array.of(1, 2, 3, 4)]);
    const x = [samplesOn(engine, [2, 3], Int32Array.of(3, 0, LARGEST, -1, 4, 2))];
    const [y] = await program.predict({ x, batchSize: 2 }).promise;
    expect([...y]).toEqual([4, 1, NaN, NaN, NaN, 3]);
  });

  test('integers are rescaled as floats are, bit for bit', async () => {
    const numbers = [1, -3, 1_000_003, 77, -9_999_999, 16_777_215];
    const description = typed('int32', rescaling(1 / 3, 0.7));
    const expected = await predict(description, Float32Array.from(numbers));
    expect(await predict(description, Int32Array.from(numbers))).toEqual(expected);
  });
});
