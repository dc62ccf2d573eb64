import * as tfjs from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import * as ours from '../../lib/index.js';
import { type Package, randomGraph } from '../support/random-graphs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { expectTfjsReads, expectWeRead } from '../support/tfjs-files.js';

const pathOf = temporaryFolder();

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);

const names = (model: Package): string[] => model.layers.map(({ name }: Package) => name);

const values = (tensors: readonly ours.Tensor[]) => tensors.map((tensor) => tensor.dataSync());

/** The index of each bias among the weights. */
const biases = (model: Package): number[] =>
  model
    .getWeights()
    .flatMap((weight: Package) => (weight.shape.length === 1 ? weight.dataSync()[0] * 64 : []));

describe('the order of layers in a graph', () => {
  it('is by depth: parallel branches alternate', () => {
    const x = ours.input({ shape: [3], name: 'x' });
    const dense = (name: string) => ours.layers.dense({ units: 2, name });
    const short = dense('short').apply(x);
    const long = dense('long').apply(dense('before').apply(x));
    const model = ours.model({
      inputs: x,
      outputs: ours.layers.concatenate({ name: 'both' }).apply([short, long]),
    });
    expect(names(model)).toEqual(['x', 'before', 'short', 'long', 'both']);
  });

  it('puts an input at its depth', () => {
    const [x, late] = ['x', 'late'].map((name) => ours.input({ shape: [2], name }));
    const dense = ours.layers.dense({ units: 2, name: 'dense' }).apply(x);
    const model = ours.model({
      inputs: [late, x],
      outputs: ours.layers.add({ name: 'sum' }).apply([dense, late]),
    });
    expect(names(model)).toEqual(['x', 'dense', 'late', 'sum']);
  });

  it("doesn't change names, which are numbered in a search from the outputs", () => {
    const x = ours.input({ shape: [3] });
    const short = ours.layers.dense({ units: 2 }).apply(x);
    const before = ours.layers.dense({ units: 2 }).apply(x);
    const long = ours.layers.dense({ units: 2 }).apply(before);
    const model = ours.model({ inputs: x, outputs: ours.layers.add().apply([short, long]) });
    expect(names(model)).toEqual(['input_1', 'dense_2', 'dense_1', 'dense_3', 'add_1']);
  });

  it.each(SEEDS)('is that of TF.js in random graph %i', (seed) => {
    const [model, theirs] = [ours, tfjs].map((tf) => randomGraph(tf, seed));
    expect(names(model)).toEqual(names(theirs));
    expect(biases(model)).toEqual(biases(theirs));
  });
});

describe("the numbers of a layer's uses", () => {
  /** `shared` is applied behind `first` and then to the input; but a reader that goes by the order of layers can make that use first. */
  function graph(tf: Package): Package {
    const x = tf.input({ shape: [3], name: 'x' });
    const dense = (name: string) => tf.layers.dense({ units: 3, activation: 'tanh', name });
    const shared = dense('shared');
    const short = shared.apply(dense('first').apply(x));
    let long = shared.apply(x);
    for (const name of ['a', 'b', 'c']) long = dense(name).apply(long);
    return tf.model({ inputs: x, outputs: [long, short] });
  }

  it('are those that TF.js reads from the file', async () => {
    const model = graph(ours);
    expect(names(model)).toEqual(['x', 'shared', 'a', 'b', 'first', 'c']);
    await expectTfjsReads(model, pathOf('ours'));
    const back = await ours.loadLayersModel(pathOf('ours'));
    const x = ours.ones([1, 3]);
    expect(values(back.predict<ours.PendingTensors>(x))).toEqual(values(model.predict(x)));
  });

  it('are those of the calls in other models', async () => {
    const x = ours.input({ shape: [3], name: 'x' });
    const shared = ours.layers.dense({ units: 3, name: 'shared' });
    const [first, second] = [shared.apply(x), shared.apply(x)];
    const model = ours.model({ inputs: x, outputs: [second, first] });
    await model.save(pathOf('ours'));
    const back = await ours.loadLayersModel(pathOf('ours'));
    expect(back.getLayer('shared').output).toBe(back.outputs[1]);
  });
});

describe('random graphs', () => {
  it.each(SEEDS)('%i is the same after TF.js loads and saves it', async (seed) => {
    const model = randomGraph(ours, seed);
    const theirs = await expectTfjsReads(model, pathOf('ours'));
    expect(biases(theirs)).toEqual(biases(model));
    const back = await ours.loadLayersModel(pathOf('ours'));
    expect(names(back)).toEqual(names(model));
    expect(back.getConfig()).toEqual(model.getConfig());
  });

  it.each(SEEDS)('%i loads from TF.js', async (seed) => {
    await expectWeRead(randomGraph(tfjs, seed), pathOf('theirs'));
  });
});
