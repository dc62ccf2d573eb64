import { beforeAll, describe, expect, it } from 'vitest';
import {
  input,
  layers,
  loadLayersModel,
  model,
  type models,
  type PendingTensors,
  type SymbolicTensor,
  sequential,
  setEngine,
  setSeed,
  type Tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const pathOf = temporaryFolder();

const X = [
  [1, -2],
  [0.5, 3],
];

/** Two numbers to a vector of three and its double through another layer. */
function twoHeads(): models.Functional {
  const x = input({ shape: [2], name: 'x' });
  const body = layers.dense({ units: 3, name: 'body' }).apply(x);
  const head = layers.dense({ units: 1, name: 'head' }).apply(body);
  return model({ inputs: x, outputs: [body, head], name: 'heads' });
}

/** Both outputs of `inner`, used twice: on the input, and on the input shifted by 1. */
function outerOf(inner: models.Functional): models.Functional {
  const x = input({ shape: [2], name: 'outer_x' });
  const [body, head] = inner.apply<SymbolicTensor[]>(x);
  const shifted = layers.rescaling({ scale: 1, offset: 1 }).apply(x);
  const [bodyAgain, headAgain] = inner.apply<SymbolicTensor[]>(shifted);
  return model({
    inputs: x,
    outputs: [layers.concatenate().apply([body, headAgain]), layers.add().apply([head, bodyAgain])],
    name: 'outer',
  });
}

const run = (net: models.LayersModel, x = X) =>
  net.predict<PendingTensors>(x).map((tensor: Tensor) => tensor.dataSync());

async function saveAndLoad(net: models.LayersModel) {
  const folder = pathOf('model');
  await net.save(`file://${folder}`);
  return loadLayersModel(`file://${folder}/model.json`);
}

describe.each(ENGINES)('a model of several outputs as a layer, on the %s engine', (engine) => {
  beforeAll(() => {
    setEngine(engine);
    setSeed(3);
  });

  it('returns a list, and computes the same as alone', () => {
    const inner = twoHeads();
    const net = outerOf(inner);
    const [body, head] = run(inner);
    const [bodyAgain, headAgain] = run(
      inner,
      X.map((row) => row.map((value) => value + 1)),
    );
    const [joined, sum] = run(net);
    for (const i of [0, 1]) {
      expectClose(joined.slice(4 * i, 4 * i + 4), [...body.slice(3 * i, 3 * i + 3), headAgain[i]]);
      expectClose(
        sum.slice(3 * i, 3 * i + 3),
        Array.from(bodyAgain.slice(3 * i, 3 * i + 3), (value) => value + head[i]),
      );
    }
    expect(net.countParams()).toBe(inner.countParams());
    const lines: string[] = [];
    net.summary(100, undefined, (line) => lines.push(line));
    expect(lines.join('\n')).toContain('[null, 3], [null, 1]');
  });

  it('trains through all outputs', async () => {
    const inner = twoHeads();
    const net = outerOf(inner);
    net.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const y = [
      [
        [1, 2, 3, 4],
        [0, 1, 0, 1],
      ],
      [
        [1, 1, 1],
        [2, 0, 2],
      ],
    ];
    const { gradients } = await net.gradients(X, y);
    for (const gradient of Object.values(gradients))
      expect(gradient.dataSync().every((value) => value !== 0)).toBe(true);
    const before = Array.from(inner.getWeights()[2].dataSync());
    const { history } = await net.fit(X, y, { epochs: 30, verbose: 0 });
    expect(history.loss[29]).toBeLessThan(history.loss[0]);
    expect(Array.from(inner.getWeights()[2].dataSync())).not.toEqual(before);
  });

  it('is the same after saving and loading', async () => {
    const net = outerOf(twoHeads());
    const loaded = await saveAndLoad(net);
    expect(loaded.getConfig()).toEqual(net.getConfig());
    expect(run(loaded)).toEqual(run(net));
  });

  it('is a layer of several outputs, whose property output throws', async () => {
    const inner = twoHeads();
    outerOf(inner);
    const layer = inner.asLayer();
    expect(layer.outputs.map(({ shape }) => shape)).toEqual([
      [null, 3],
      [null, 1],
    ]);
    await expectError(() => layer.output, 'INVALID_ARGUMENT', /2 values/);
    await expectError(() => layer.outputShape, 'INVALID_ARGUMENT', /2 values/);
  });

  it("must have all outputs used, and can't be in a sequential model", async () => {
    const inner = twoHeads();
    const x = input({ shape: [2] });
    const [body] = inner.apply<SymbolicTensor[]>(x);
    await expectError(
      () => model({ inputs: x, outputs: body }),
      'INVALID_ARGUMENT',
      /output 2 of 'heads'; use it, or apply a model of the other outputs/,
    );
    await expectError(() => sequential({ layers: [inner] }), 'INVALID_ARGUMENT', /heads gives 2 values/);
  });
});

describe.each(ENGINES)('values that are named twice, on the %s engine', (engine) => {
  beforeAll(() => setEngine(engine));

  /** The second output is the first through a layer that computes nothing, the third is the input itself. */
  function echo(): models.Functional {
    const x = input({ shape: [2], name: 'x' });
    const sum = layers.dense({ units: 2, name: 'sum' }).apply(x);
    const same = layers.activation({ activation: 'linear', name: 'same' }).apply(sum);
    return model({ inputs: x, outputs: [sum, same, x] });
  }

  it('are separate outputs', async () => {
    const net = echo();
    const [sum, same, x] = run(net);
    expect(same).toEqual(sum);
    expect(Array.from(x)).toEqual(X.flat());
    expect(run(await saveAndLoad(net))).toEqual([sum, same, x]);
  });

  it('have separate losses', async () => {
    const net = echo();
    const y = [
      [1, 2],
      [3, 4],
    ];
    net.compile({ optimizer: 'sgd', loss: { sum: 'meanSquaredError', same: 'meanAbsoluteError' } });
    const both = await net.gradients(X, { sum: y, same: y });
    const alone = async (name: string, loss: 'meanSquaredError' | 'meanAbsoluteError') => {
      net.compile({ optimizer: 'sgd', loss: { [name]: loss } });
      return net.gradients(X, { [name]: y });
    };
    const [squared, absolute] = [
      await alone('sum', 'meanSquaredError'),
      await alone('same', 'meanAbsoluteError'),
    ];
    expectClose([both.loss], [squared.loss + absolute.loss]);
    const by = ({ gradients }: typeof both) => gradients['sum/kernel'].dataSync();
    expectClose(
      by(both),
      by(squared).map((value, i) => value + by(absolute)[i]),
    );
  });
});
