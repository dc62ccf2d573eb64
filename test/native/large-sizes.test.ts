import path from 'node:path';
import loadAddon from 'node-gyp-build';
import { expect, test } from 'vitest';
import type { Addon } from '../../lib/program/addon.js';

// Sizes that fit in a tensor, of ops that list something for each row. They are refused before that takes memory.
// Found by native/test/fuzz.

const { Program } = loadAddon(path.join(__dirname, '..', '..')) as Addon;
const MOST_BYTES = 32 * 2 ** 20;

test.each([
  ['a dense layer of 2^27 inputs', [2 ** 27], 'dense', {}, [{ name: 'kernel', shape: [2 ** 27, 2] }], [2]],
  ['rows resized to 10^9', [1, 1, 1], 'resize', { kind: 'nearest', size: [1e9, 1] }, [], [1e9, 1, 1]],
])('%s: TOO_LARGE', (_, input, op, attributes, parameters, output) => {
  const node = (op: string, shape: number[], inputs: number[], attributes: object, parameters: object[]) => {
    return { name: op, op, inputs, attributes, parameters, outputs: [{ shape, dtype: 'float32' }] };
  };
  const nodes = [
    node('input', input, [], { shape: input }, []),
    node(op, output, [0], attributes, parameters),
  ];
  const before = process.memoryUsage().rss;
  const make = () => new Program({ version: 1, graph: { nodes } } as never);
  expect(make).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }));
  expect(process.memoryUsage().rss - before).toBeLessThan(MOST_BYTES);
});
