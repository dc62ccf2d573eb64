import { describe, expect, test } from 'vitest';
import type { Program } from '../../lib/program/engine.js';
import { nativeEngine } from '../../lib/program/native-engine.js';
import { ReferenceProgram, referenceEngine } from '../../lib/program/reference-engine/index.js';
import { randomAffine, randomCrop, randomFlip, randomTone } from '../support/augmentation-links.js';
import { chain, dropout, gaussianNoise, type Link, training, shapeAfter } from '../support/chain.js';
import { expectError } from '../support/convforge-error.js';
import { samplesOn } from '../support/engine-comparison.js';
import { batchNormalization } from '../support/normalization.js';
import { expectClose, randomNumbers } from '../support/numeric.js';
import { gradientsOf } from '../support/one-batch.js';

// Nodes that behave as in training also in evaluation and prediction.

const SHAPE = [5, 6, 3];
const SIZE = 90;
const SEED = 2 ** 40 + 7;

const always = (link: Link): Link => {
  return (shape) => {
    const node = link(shape);
    return { ...node, attributes: { ...node.attributes, always: true } };
  };
};

const DRAWING: [string, Link][] = [
  ['dropout', dropout(0.4, 2)],
  ['dropout of channels', dropout(0.4, 2, { noiseShape: [1, 1, 3] })],
  ['alpha dropout', dropout(0.3, 1, { alpha: true })],
  ['gaussian noise', gaussianNoise(0.7, 5)],
  ['gaussian dropout', gaussianNoise(0.5, 6, { multiplies: true })],
  ['flips', randomFlip(true, true)],
  ['rotations', randomAffine('rotation', [-0.2, 0.3])],
  ['crops', randomCrop(3, 4)],
  ['contrast', randomTone('contrast', [0.5, 1.5], [-9, 9])],
];

const LINKS: [string, Link][] = [...DRAWING, ['batch normalization', batchNormalization()]];

/** Programs of both engines, with the same weights. */
function programs(
  link: Link,
): { engine: 'native' | 'reference'; program: Program; exact: ReferenceProgram }[] {
  const description = chain(SHAPE, [always(link)], training('meanSquaredError'));
  const exact = new ReferenceProgram(description, 'float64');
  exact.weights.forEach((weights, i) => void weights.set(randomNumbers(weights.length, 9 + i, 0.5, 2)));
  return [nativeEngine(), referenceEngine()].map((engine) => {
    const program = engine.createProgram(description);
    program.writeWeights(exact.weights.map((weights) => new Float32Array(weights)));
    return { engine: engine.name, program, exact };
  });
}

const engineOf = (name: 'native' | 'reference') => (name === 'native' ? nativeEngine() : referenceEngine());

/** The training results of a batch, by the float64 program. */
function inTraining(exact: ReferenceProgram, x: Float32Array, step: number) {
  const samples = x.length / SIZE;
  const kept = exact.weights.map((weights) => weights.slice());
  const size = gradientsOf(exact, x, new Float32Array(0), { seed: SEED, step }).outputs.length;
  exact.weights.forEach((weights, i) => void weights.set(kept[i]));
  const batch = gradientsOf(exact, x, new Float32Array(size), { seed: SEED, step });
  exact.weights.forEach((weights, i) => void weights.set(kept[i]));
  return { ...batch, samples };
}

describe.each(LINKS)('%s with always', (_, link) => {
  const x = new Float32Array(randomNumbers(5 * SIZE, 1));
  const batches = [x.subarray(0, 2 * SIZE), x.subarray(2 * SIZE, 4 * SIZE), x.subarray(4 * SIZE)];

  test("predicts as in training, with the batch's number as step", async () => {
    for (const { engine, program, exact } of programs(link)) {
      const before = program.readWeights();
      const samples = samplesOn(engineOf(engine), [5, ...SHAPE], x);
      const [outputs] = await program.predict({ x: [samples], batchSize: 2, seed: SEED }).promise;
      const expected = batches.flatMap((batch, step) => [...inTraining(exact, batch, step).outputs]);
      expectClose(outputs, expected, { absolute: 2e-5, what: `${engine}: output` });
      expect(program.readWeights()).toEqual(before);
    }
  });

  test('is evaluated as in training, and changes no weights', async () => {
    for (const { engine, program, exact } of programs(link)) {
      const before = program.readWeights();
      const size = inTraining(exact, batches[2], 0).outputs.length;
      const shape = [5, ...shapeAfter(link, SHAPE)];
      const samples = samplesOn(engineOf(engine), [5, ...SHAPE], x);
      const targets = samplesOn(engineOf(engine), shape, new Float32Array(5 * size));
      const run = { x: [samples], y: [targets], batchSize: 2, seed: SEED };
      const { loss } = await program.evaluate(run).promise;
      const expected = batches
        .map((batch, step) => inTraining(exact, batch, step))
        .reduce((sum, batch) => sum + batch.loss * batch.samples, 0);
      expectClose([loss], [expected], { relative: 1e-4, what: `${engine}: loss` });
      expect(program.readWeights()).toEqual(before);
    }
  });
});

describe.each(DRAWING)('%s with always', (_, link) => {
  test('draws reproducibly by seed', async () => {
    const x = new Float32Array(randomNumbers(2 * SIZE, 1));
    for (const { engine, program } of programs(link)) {
      const samples = samplesOn(engineOf(engine), [2, ...SHAPE], x);
      const run = (seed?: number) => program.predict({ x: [samples], batchSize: 2, seed }).promise;
      const [first, again, other, none] = [await run(3), await run(3), await run(4), await run()];
      expect(again).toEqual(first);
      expect(other).not.toEqual(first);
      expect(none).toEqual(await run(0));
    }
  });
});

test('always must be true or false', async () => {
  const odd: Link = (shape) => ({
    ...dropout(0.5, 1)(shape),
    attributes: { rate: 0.5, stream: 1, always: 1 },
  });
  for (const engine of [nativeEngine(), referenceEngine()]) {
    await expectError(() => engine.createProgram(chain(SHAPE, [odd])), 'INVALID_ARGUMENT', /always/);
  }
});

test('a frozen normalization uses its moving statistics, always or not', async () => {
  const x = new Float32Array(randomNumbers(2 * SIZE, 1));
  const run = async (link: Link) => {
    const program = nativeEngine().createProgram(chain(SHAPE, [link]));
    program.writeWeights([1, 0, 2, 4].map((value) => new Float32Array(3).fill(value)));
    const samples = samplesOn(nativeEngine(), [2, ...SHAPE], x);
    return (await program.predict({ x: [samples], batchSize: 2 }).promise)[0];
  };
  expect(await run(always(batchNormalization({ frozen: true })))).toEqual(await run(batchNormalization()));
  expect(await run(always(batchNormalization()))).not.toEqual(await run(batchNormalization()));
});
