import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { input, layers, loadLayersModel, model, sequential, setSeed, tensor } from '../../lib/index.js';
import type { ErrorCode } from '../../lib/errors.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// Hostile files of graph models.

const pathOf = temporaryFolder();

// biome-ignore lint/suspicious/noExplicitAny: files of any content are what these tests are about.
type Json = Record<string, any>;

/** x, a dense layer that is used twice, their sum, and a nested model. */
function saved() {
  setSeed(2);
  const x = input({ shape: [2], name: 'x' });
  const shared = layers.dense({ units: 2, name: 'shared', useBias: false });
  const first = shared.apply(x);
  const sum = layers.add({ name: 'sum' }).apply([first, shared.apply(first)]);
  const inner = sequential({
    name: 'inner',
    layers: [layers.dense({ units: 1, inputShape: [2], name: 'last', useBias: false })],
  });
  return model({ inputs: x, outputs: inner.apply(sum), name: 'graph' });
}

/**
 * Saves the model, lets `change` damage its config and its list of layers by name, and returns the folder.
 */
async function damaged(change: (config: Json, layer: (name: string) => Json) => void): Promise<string> {
  const folder = pathOf('graph');
  await saved().save(`file://${folder}`);
  const file = `${folder}/model.json`;
  const json = JSON.parse(readFileSync(file, 'utf8'));
  const { config } = json.modelTopology;
  change(config, (name) => config.layers.find((layer: Json) => layer.name === name));
  writeFileSync(file, JSON.stringify(json));
  return folder;
}

const load = async (change: Parameters<typeof damaged>[0]) => loadLayersModel(await damaged(change));

it('the unchanged graph loads, with its layers in any order', async () => {
  const x = tensor([1, 2], [1, 2]);
  const [plain, reversed] = [await load(() => {}), await load(({ layers }) => layers.reverse())];
  expect(reversed.predict(x).dataSync()).toEqual(plain.predict(x).dataSync());
});

describe('references', () => {
  const CASES: [string, Parameters<typeof damaged>[0], RegExp, ErrorCode?][] = [
    [
      'in a circle',
      (_, layer) => {
        layer('shared').inbound_nodes[0] = [['sum', 0, 0, {}]];
      },
      /takes an output that no layer computes/,
    ],
    [
      'to oneself',
      (_, layer) => {
        layer('sum').inbound_nodes[0][0] = ['sum', 0, 0, {}];
      },
      /'sum' takes an output that no layer computes/,
    ],
    [
      'to no layer',
      (_, layer) => {
        layer('sum').inbound_nodes[0][0][0] = 'nowhere';
      },
      /no layer 'nowhere'/,
    ],
    [
      'to a use that is not there',
      (_, layer) => {
        layer('sum').inbound_nodes[0][0][1] = 7;
      },
      /no use number 7/,
    ],
    [
      'to a use number of 2^53',
      (_, layer) => {
        layer('sum').inbound_nodes[0][0][1] = 2 ** 53;
      },
      /refers to no value/,
    ],
    [
      'to an output that is not there',
      (_, layer) => {
        layer('sum').inbound_nodes[0][0][2] = 3;
      },
      /no output number 3/,
    ],
    [
      'from an input',
      (_, layer) => {
        layer('x').inbound_nodes = [[['sum', 0, 0, {}]]];
      },
      /the input 'x' takes inputs/,
    ],
    [
      'to nothing',
      (_, layer) => {
        layer('sum').inbound_nodes[0] = [];
      },
      /sum/,
    ],
    [
      'of no kind',
      (_, layer) => {
        layer('sum').inbound_nodes = { __proto__: 1 };
      },
      /inbound_nodes/,
    ],
    [
      'as inputs to what is none',
      (config) => {
        config.input_layers = [['sum', 0, 0]];
      },
      /inputs must be results of/,
    ],
    [
      'as outputs to nowhere',
      (config) => {
        config.output_layers = [['__proto__', 0, 0]];
      },
      /no layer '__proto__'/,
    ],
    [
      'as no outputs',
      (config) => {
        config.output_layers = [];
      },
      /outputs/,
    ],
    [
      'to a layer that is missing',
      (config) => {
        config.layers = config.layers.filter(({ name }: Json) => name !== 'shared');
      },
      /no layer 'shared'/,
    ],
    [
      'to one of two layers with a name',
      (config, layer) => {
        config.layers.push(layer('sum'));
      },
      /two layers are called 'sum'/,
    ],
    [
      'to a layer without a name',
      (_, layer) => {
        layer('sum').name = layer('sum').config.name = undefined;
      },
      /has no name/,
    ],
    [
      'by more inputs than a layer takes',
      (_, layer) => {
        layer('inner').inbound_nodes[0].push(['x', 0, 0, {}]);
      },
      /inner/,
    ],
    [
      'to a use that nothing comes from',
      (_, layer) => {
        layer('shared').inbound_nodes.push([['x', 0, 0, {}]]);
      },
      /./,
      undefined,
    ],
  ];
  it.each(CASES.slice(0, -1))('%s are refused', async (_, change, message, code = 'CORRUPT_FILE') => {
    await expectError(() => load(change), code, message);
  });

  it('to a call without output are ignored', async () => {
    const [, change] = CASES[CASES.length - 1];
    expect((await load(change)).countParams()).toBe(saved().countParams());
  });
});

describe('sizes', () => {
  /** model.json only: the topology is read before the weights are asked for. */
  function write(config: Json): string {
    const folder = pathOf('large');
    mkdirSync(folder, { recursive: true });
    const topology = { class_name: 'Functional', config };
    const json = { format: 'layers-model', modelTopology: topology, weightsManifest: [] };
    writeFileSync(`${folder}/model.json`, JSON.stringify(json));
    return folder;
  }

  const layer = (class_name: string, name: string, config: Json, inbound_nodes: unknown[]) => ({
    class_name,
    name,
    config: { name, ...config },
    inbound_nodes,
  });
  const x = layer('InputLayer', 'x', { batch_input_shape: [null, 2] }, []);
  const flatten = (name: string, from: string) => layer('Flatten', name, {}, [[[from, 0, 0, {}]]]);

  it('10,000 layers in reverse order', async () => {
    const list = [x, ...Array.from({ length: 9_999 }, (_, i) => flatten(`f${i}`, i ? `f${i - 1}` : 'x'))];
    const folder = write({
      layers: list.reverse(),
      input_layers: [['x', 0, 0]],
      output_layers: [['f9998', 0, 0]],
    });
    expect((await loadLayersModel(folder)).layers).toHaveLength(10_000);
  });

  it('a layer used 50,000 times', async () => {
    const uses = Array.from({ length: 50_000 }, (_, i) => [[i === 0 ? 'x' : 'f', Math.max(0, i - 1), 0, {}]]);
    const folder = write({
      layers: [x, layer('Flatten', 'f', {}, uses)],
      input_layers: [['x', 0, 0]],
      output_layers: [['f', 49_999, 0]],
    });
    expect((await loadLayersModel(folder)).layers).toHaveLength(2);
  });

  it('25 nested models, each used twice in the next: 2^25 operations', async () => {
    const level = (name: string, inner: Json): Json =>
      layer(
        'Functional',
        name,
        {
          layers: [x, { ...inner, inbound_nodes: [[['x', 0, 0, {}]], [[inner.name, 0, 0, {}]]] }],
          input_layers: [['x', 0, 0]],
          output_layers: [[inner.name, 1, 0]],
        },
        [],
      );
    let model: Json = layer('Rescaling', 'm0', { scale: 1 }, []);
    for (let i = 1; i <= 25; i++) model = level(`m${i}`, model);
    await expectError(() => loadLayersModel(write(model.config)), 'TOO_LARGE', /operations/);
  });

  it('endlessly nested models', async () => {
    const depth = 10_000;
    const open = '{"class_name":"Sequential","config":{"layers":['.repeat(depth);
    const folder = pathOf('endless');
    mkdirSync(folder);
    const text = `{"format":"layers-model","weightsManifest":[],"modelTopology":${open}${']}}'.repeat(depth)}}`;
    writeFileSync(`${folder}/model.json`, text);
    await expectError(() => loadLayersModel(folder), 'CORRUPT_FILE', /128 deep/);
  });
});
