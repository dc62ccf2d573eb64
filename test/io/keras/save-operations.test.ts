import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as tf from '../../../lib/index.js';
import { expectError } from '../../support/convforge-error.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { checkOutputs, namesWith, readJson, type Values } from './cases.js';

const FOLDER = join(__dirname, 'operators');
const path = temporaryFolder();
const { inputs, outputs } = readJson<{ inputs: Values; outputs: Record<string, Values[]> }>(
  join(FOLDER, 'answers.json'),
);

describe("model.save('m.keras') writes operations as operators of Keras", () => {
  it.each(namesWith(FOLDER, '.keras'))('%s', async (name) => {
    const loaded = await tf.loadModel(join(FOLDER, `${name}.keras`));
    await loaded.save(path('m.keras'));
    checkOutputs(await tf.loadModel(path('m.keras')), [inputs], outputs[name], 1e-5);
  });
});

/** Saves a model of these outputs, loads it again, and compares what both predict. */
async function expectKept(x: tf.SymbolicTensor, outputs: tf.SymbolicTensor[]): Promise<tf.LayersModel> {
  const given = tf.randomNormal([2, ...(x.shape.slice(1) as number[])], 0, 1, 'float32', 5);
  const model = tf.model({ inputs: x, outputs });
  await model.save(path('m.keras'));
  const loaded = await tf.loadModel(path('m.keras'));
  const predict = (each: tf.LayersModel) => [each.predict(given)].flat().map((value) => value.dataSync());
  const [own, again] = [predict(model), predict(loaded)];
  for (const [i, values] of own.entries()) {
    expect(again[i].length).toBe(values.length);
    for (const [j, value] of values.entries()) expect(again[i][j]).toBeCloseTo(value, 5);
  }
  return loaded;
}

describe('operations that Keras has in parts, or under another name,', () => {
  const x = tf.input({ shape: [2, 4, 3], name: 'x' });
  it.each<[string, () => tf.SymbolicTensor]>([
    ['squaredDifference', () => tf.squaredDifference(x, 0.5)],
    ['prelu', () => tf.prelu(x, tf.tensor([0.1, 0.2, 0.3]))],
    ['slice', () => tf.slice(x, [0, 0, 1, 0], [-1, 2, 2, 3])],
    ['stridedSlice', () => tf.stridedSlice(x, [0, 0, 1, 0], [0, 2, 4, 2], [1, 1, 2, 1], 1, 1)],
    ['matMul', () => tf.matMul(x, tf.mul(x, 2), false, true)],
    ['matMul by a constant', () => tf.matMul(x, tf.tensor([1, 2, 3, 4, 5, 6], [3, 2]))],
    ['gather', () => tf.gather(x, tf.tensor([2, 0], [2], 'int32'), 3)],
    [
      'pad',
      () =>
        tf.pad(
          x,
          [
            [0, 0],
            [1, 0],
            [0, 2],
            [0, 0],
          ],
          3,
        ),
    ],
    ['broadcastTo', () => tf.broadcastTo(tf.mean(x, 3, true), [-1, 2, 4, 5])],
    ['squeeze', () => tf.squeeze(tf.mean(x, [3, 1], true), [1])],
    ['clipByValue', () => tf.clipByValue(x, -1, Number.POSITIVE_INFINITY)],
    ['any', () => tf.any(tf.greater(x, 1), [3])],
    ['sum of truths', () => tf.sum(tf.greater(x, tf.mul(x, x)), [1, 2])],
    ['split', () => tf.split(x, [1, 3], 2)[1]],
    ['cumsum', () => tf.cumsum(x, 2)],
    ['a constant that is infinite', () => tf.minimum(x, tf.tensor([1, Number.POSITIVE_INFINITY, 0]))],
  ])('keep what they compute: %s', async (_, make) => {
    await expectKept(x, [make()]);
  });

  it('have names of their own, and layers keep their weights', async () => {
    const y = tf.layers.dense({ units: 3, name: 'square_1' }).apply(tf.squaredDifference(x, 0.5));
    const loaded = await expectKept(x, [tf.layers.dense({ units: 2 }).apply(tf.squaredDifference(y, x))]);
    const names = loaded.layers.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

it('what Keras lacks is refused, all of it by name', async () => {
  const x = tf.input({ shape: [4, 4, 3], name: 'x' });
  const a = tf.stridedSlice(x, [0, -1], [0, 0], [1, -1], 3, 3);
  const b = tf.localResponseNormalization(x);
  const model = tf.model({
    inputs: x,
    outputs: [
      a,
      b,
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [1, 1],
          [0, 0],
          [0, 0],
        ],
        'reflect',
      ),
    ],
  });
  await expectError(
    () => model.save(path('m.keras')),
    'UNSUPPORTED',
    /strided_slice\S* \(it goes backwards\), 'local_response\S* \(Keras has no operator for localResponseNormalization\);/,
  );
  const open = tf.input({ shape: [null, 4, 3], name: 'open' });
  const flat = tf.model({ inputs: open, outputs: tf.reshape(open, [-1, 12, { size: [0, 1] } as never]) });
  await expectError(() => flat.save(path('m.keras')), 'UNSUPPORTED', /Keras must know these sizes/);
});
