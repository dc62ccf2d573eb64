import { beforeAll, describe, expect, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import type {
  ConstraintDescription,
  ParameterDescription,
  ProgramDescription,
} from '../../lib/program/description.js';
import type { Program } from '../../lib/program/engine.js';
import { chain, conv2d, dense, type Link, reshape, training } from '../support/chain.js';
import { ENGINES } from '../support/engines.js';
import { samplesOf } from '../support/engine-runs.js';
import { expectClose, randomNumbers } from '../support/numeric.js';

const BOUNDS = { absolute: 3e-6, relative: 2e-5 };
const RATE = 0.1;
const floats = (length: number, seed: number) => new Float32Array(randomNumbers(length, seed));

/** The link with rules on its kernel. */
const ruled =
  (link: Link, rules: Omit<ParameterDescription, 'name' | 'shape'>): Link =>
  (input) => {
    const node = link(input);
    const [kernel, ...others] = node.parameters;
    return { ...node, parameters: [{ ...kernel, ...rules }, ...others] };
  };

function create(description: ProgramDescription): Program {
  const program = currentEngine().createProgram(description);
  program.writeWeights(program.readWeights().map(({ length }, index) => floats(length, 50 + index)));
  return program;
}

describe.each(ENGINES)('the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  describe('regularizers', () => {
    const COUNT = 6;
    const run = () => ({
      x: [samplesOf([COUNT, 3], 'float32', floats(COUNT * 3, 1))],
      y: [samplesOf([COUNT, 35], 'float32', floats(COUNT * 35, 2))],
    });
    const program = (rules: Omit<ParameterDescription, 'name' | 'shape'>) =>
      create(chain([3], [ruled(dense(35), rules)], training('halfSquaredError')));
    const l1 = 0.3;
    const l2 = 0.2;

    test('are added to the loss, in training and evaluation, and to the gradient', async () => {
      const [plain, penalized] = [program({}), program({ regularizer: { l1, l2 } })];
      const kernel = plain.readWeights()[0];
      let penalty = 0;
      for (const w of kernel) penalty += l1 * Math.abs(w) + l2 * w * w;
      const without = await plain.gradients({ ...run(), seed: 0 });
      const withIt = await penalized.gradients({ ...run(), seed: 0 });
      expectClose([withIt.totals.loss - without.totals.loss], [COUNT * penalty], BOUNDS);
      expect(withIt.totals.losses).toEqual(without.totals.losses);
      const wanted = without.gradients[0].map((g, i) => g + l1 * Math.sign(kernel[i]) + 2 * l2 * kernel[i]);
      expectClose(withIt.gradients[0], wanted, BOUNDS);
      expect(withIt.gradients[1]).toEqual(without.gradients[1]);
      // Over batches, the penalty counts once for each batch, weighted by its samples.
      const evaluated = await penalized.evaluate({ ...run(), batchSize: 4 }).promise;
      const expected = await plain.evaluate({ ...run(), batchSize: 4 }).promise;
      expectClose([evaluated.loss - expected.loss], [COUNT * penalty], BOUNDS);
    });

    test('a step uses the gradient of loss plus penalty', async () => {
      const penalized = program({ regularizer: { l1, l2 } });
      const { gradients } = await penalized.gradients({ ...run(), seed: 0 });
      const before = penalized.readWeights();
      const order = Uint32Array.from({ length: COUNT }, (_, i) => i);
      const first = await penalized.train({ ...run(), batchSize: COUNT, order, seed: 0 });
      // The learning rate of training() is 1.
      expectClose(
        penalized.readWeights()[0],
        before[0].map((w, i) => w - gradients[0][i]),
        BOUNDS,
      );
      const evaluated = await penalized.evaluate({ ...run(), batchSize: COUNT }).promise;
      expect(evaluated.loss).not.toBe(first.loss);
    });

    test('ignore frozen weights', async () => {
      const frozen = program({ regularizer: { l1, l2 }, trainable: false });
      const { totals, gradients } = await frozen.gradients({ ...run(), seed: 0 });
      expectClose([totals.loss], [totals.losses[0]], BOUNDS);
      expect(gradients[0].every((g) => g === 0)).toBe(true);
    });

    test('are refused with negative factors', () => {
      expect(() => program({ regularizer: { l1: -1, l2 } })).toThrow('regularizer');
    });
  });

  describe('constraints', () => {
    const norm = (minimum: number, maximum: number, rate: number, axes: number[]): ConstraintDescription => ({
      kind: 'norm',
      minimum,
      maximum,
      rate,
      axes,
    });
    /** The kernel of this link after an update with gradients of 0. */
    async function constrained(input: number[], link: Link, constraint: ConstraintDescription) {
      const settings = { kind: 'sgd', learningRate: RATE, momentum: 0, nesterov: false } as const;
      const links = [ruled(link, { constraint })];
      if (input.length === 3) links.push(reshape(4 * 4 * 34));
      const program = create(chain(input, links, training('halfSquaredError', { optimizer: settings })));
      const before = program.readWeights();
      await program.applyGradients(before.map(({ length }) => new Float32Array(length)));
      const after = program.readWeights();
      for (const p of before.keys()) if (p > 0) expect(after[p]).toEqual(before[p]);
      return { before: before[0], after: after[0] };
    }
    const conv = conv2d([3, 2], 34);
    const IMAGE = [6, 5, 5];

    /** Keras's formula, over `axes` of `shape`. */
    function expected(w: Float32Array, shape: number[], [low, high, rate]: number[], axes: number[]) {
      const key = (index: number) => {
        const places: number[] = [];
        let rest = index;
        for (const size of [...shape].reverse()) {
          places.unshift(rest % size);
          rest = Math.floor(rest / size);
        }
        return places.filter((_, axis) => !axes.includes(axis)).join();
      };
      const squares = new Map<string, number>();
      for (const [i, value] of w.entries()) squares.set(key(i), (squares.get(key(i)) ?? 0) + value * value);
      return w.map((value, i) => {
        const n = Math.sqrt(squares.get(key(i)) as number);
        const desired = rate * Math.min(Math.max(n, low), high) + (1 - rate) * n;
        return value * (desired / (1e-7 + n));
      });
    }

    test('nonNeg', async () => {
      const { before, after } = await constrained([3], dense(40), { kind: 'nonNeg' });
      expect(after).toEqual(before.map((w) => Math.max(0, w)));
      expect(after.some((w) => w === 0)).toBe(true);
    });

    test.each([
      [[0, 0.5, 1], [0]],
      [[1, 1, 1], [0]],
      [[0.9, 1, 0.25], [0]],
      [[0, 2, 1], [1]],
      [
        [0, 2, 1],
        [0, 1],
      ],
    ])('dense, bounds %j over axes %j', async (bounds, axes) => {
      const [low, high, rate] = bounds;
      const { before, after } = await constrained([3], dense(40), norm(low, high, rate, axes));
      expectClose(after, expected(before, [3, 40], bounds, axes), BOUNDS);
      expect(after).not.toEqual(before);
    });

    test.each([[[0, 1, 2]], [[0]], [[2]], [[0, 1]], [[1, 3]], [[0, 1, 2, 3]]])(
      'a convolution over axes %j',
      async (axes) => {
        const { before, after } = await constrained(IMAGE, conv, norm(0.1, 0.4, 0.5, axes));
        expectClose(after, expected(before, [3, 2, 5, 34], [0.1, 0.4, 0.5], axes), BOUNDS);
        expect(after).not.toEqual(before);
      },
    );

    test.each([[[2]], [[]], [[-1]]])('axes %j of a matrix are refused', async (axes) => {
      await expect(constrained([3], dense(4), norm(0, 1, 1, axes))).rejects.toThrow(/ax[ei]s/);
    });
  });
});
