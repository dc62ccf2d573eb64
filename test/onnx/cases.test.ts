import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LayersModel, loadModel, optimizers, type Tensor, tensor } from '../../lib/index.js';

// Models that other programs wrote, with the outputs that onnxruntime gives without optimizations, and the losses of
// training by PyTorch: scripts/golden/onnx says how they are made.
const FOLDER = join(__dirname, 'cases');

interface Port {
  name: string;
  shape: number[];
  values: number[];
  atol?: number;
}

interface Case {
  name: string;
  file: string;
  inputs: Port[];
  outputs: Port[];
  tolerance: { rtol: number; atol: number };
  parameters: { trainable: number; statistics: number };
  training?: { losses: number[]; rtol: number; optimizer: string };
  refuse?: { says: string[] };
}

/** Biases that are an Add behind a MatMul in the file, which doesn't count them, and the layer's own here. */
const BIASES: Readonly<Record<string, number>> = { convnext: 40, tf_nhwc: 5 };

const cases = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Case);

describe.each(cases.filter(({ refuse }) => !refuse))('$name', (each) => {
  const load = () => loadModel(join(FOLDER, each.file));
  const data = Object.fromEntries(
    each.inputs.map(({ name, values, shape }) => [name, tensor(values, shape)]),
  );

  test('gives the outputs, by their names', async () => {
    const model = await load();
    const outputs = [model.predict(data)].flat() as Tensor[];
    expect(model.outputs.map(({ name }) => name)).toEqual(each.outputs.map(({ name }) => name));
    for (const [i, output] of each.outputs.entries()) {
      expect(outputs[i].shape).toEqual(output.shape);
      expectClose(
        outputs[i].dataSync(),
        output.values,
        each.tolerance.rtol,
        output.atol ?? each.tolerance.atol,
      );
    }
  });

  test('has the parameters of the file', async () => {
    expect(countParameters(await load())).toEqual({
      trainable: each.parameters.trainable + (BIASES[each.name] ?? 0),
      statistics: each.parameters.statistics,
    });
  });

  test.runIf(each.training)('trains as in PyTorch', async () => {
    const model = await load();
    const { losses = [], rtol = 0, optimizer = '' } = each.training ?? {};
    const learningRate = Number(/rate ([\d.]+)/.exec(optimizer)?.[1]);
    const zeros = each.outputs.map(({ values, shape }) => tensor(new Float32Array(values.length), shape));
    model.compile({ optimizer: optimizers.sgd({ learningRate }), loss: zeros.map(() => 'meanSquaredError') });
    for (const loss of losses) {
      const logs = await model.trainOnBatch(data, zeros.length === 1 ? zeros[0] : zeros);
      const found = [logs].flat()[0] as number;
      expect(Math.abs(found - loss)).toBeLessThanOrEqual(rtol * loss);
    }
  });
});

test.each(cases.filter(({ refuse }) => refuse))('refuses $name', async ({ name, refuse }) => {
  const error = (await loadModel(join(FOLDER, `${name}.onnx`)).catch((caught) => caught)) as Error & {
    code: string;
  };
  expect(['CORRUPT_FILE', 'UNSUPPORTED']).toContain(error.code);
  expect(refuse?.says.some((word) => error.message.includes(word))).toBe(true);
});

test.each([
  ['tf_nhwc', [null, 12, 10, 3], [null, 5]],
  ['unet', [null, null, null, 2], [null, null, null, 1]],
  ['conv1d', [null, 21, 2], [null, 3]],
])("layout: 'channelsLast' turns what has channels first, and nothing else: %s", async (name, x, y) => {
  const { inputs, outputs } = await loadModel(join(FOLDER, `${name}.onnx`), { layout: 'channelsLast' });
  expect([inputs[0].shape, outputs[0].shape]).toEqual([x, y]);
});

function expectClose(found: ArrayLike<number>, values: readonly number[], rtol: number, atol: number): void {
  const worst = Math.max(
    ...values.map((value, i) => Math.abs(found[i] - value) / (rtol * Math.abs(value) + atol)),
  );
  expect(worst).toBeLessThanOrEqual(1);
}

/** Additions and multiplications of their own aren't counted. */
function countParameters(model: LayersModel): { trainable: number; statistics: number } {
  const counts = { trainable: 0, statistics: 0 };
  for (const layer of model.layers) {
    if (layer.getClassName() === 'Operation') continue;
    for (const { shape, trainable = true } of layer.weights) {
      counts[trainable ? 'trainable' : 'statistics'] += shape.reduce((product, size) => product * size, 1);
    }
  }
  return counts;
}
