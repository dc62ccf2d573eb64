import { afterEach, describe, expect, test } from 'vitest';
import * as layers from '../../lib/layers/index.js';
import { input, model } from '../../lib/models/index.js';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import { describeProgram, nodeOf, type ProgramDescription, shapeOf } from '../../lib/program/description.js';
import { expectError } from '../support/convforge-error.js';
import { chain, dense, training } from '../support/chain.js';
import { ENGINES } from '../support/engines.js';
import { randomSets, runEverything } from '../support/whole-programs.js';

afterEach(() => setEngine('native'));

/** A model with options of every kind: numbers, lists, strings and flags, a shared layer, rules of weights, two outputs. */
function described(): ProgramDescription {
  const image = input({ shape: [8, 8, 2], name: 'image' });
  const conv = layers.conv2d({
    filters: 4,
    kernelSize: 3,
    padding: 'same',
    activation: 'relu',
    kernelRegularizer: 'l2',
    kernelConstraint: 'maxNorm',
  });
  const features = layers
    .flatten()
    .apply(layers.maxPooling2d().apply(layers.batchNormalization().apply(conv.apply(image))));
  const shared = layers.dense({ units: 6, activation: 'tanh' });
  const first = shared.apply(layers.dropout({ rate: 0.25 }).apply(features));
  const second = shared.apply(features);
  const classes = layers
    .dense({ units: 3, activation: 'softmax' })
    .apply(layers.add().apply([first, second]));
  const made = model({ inputs: image, outputs: [classes, first] });
  made.compile({
    optimizer: 'adam',
    loss: ['categoricalCrossentropy', 'meanSquaredError'],
    metrics: ['accuracy'],
  });
  return made.state.describe();
}

test.each(ENGINES)(
  'a description means the same to the %s engine after its way through JSON',
  async (engine) => {
    setEngine(engine);
    const description = described();
    const text = JSON.stringify(description);
    const read: ProgramDescription = JSON.parse(text);
    expect(JSON.stringify(read)).toBe(text);
    const programs = [description, read].map((each) => currentEngine().createProgram(each));
    programs[1].writeWeights(programs[0].readWeights());
    const results = await Promise.all(
      programs.map((program) => runEverything(program, randomSets(currentEngine(), description, 5), 5)),
    );
    expect(results[1]).toEqual(results[0]);
  },
);

describe.each(ENGINES)('the %s engine', (engine) => {
  const good = chain([4], [dense(3)], training('meanSquaredError'));

  test.each([2, 0, '1', undefined])('refuses a description of version %j', async (version) => {
    setEngine(engine);
    const odd = { ...good, version } as unknown as ProgramDescription;
    await expectError(
      () => currentEngine().createProgram(odd),
      typeof version === 'number' || engine === 'reference' ? 'UNSUPPORTED' : 'INVALID_ARGUMENT',
      /version/,
    );
  });

  test('accepts [node, 0] as the first output of a node', () => {
    setEngine(engine);
    const [first, second] = good.graph.nodes;
    const nodes = [first, { ...second, inputs: [[0, 0] as const] }];
    const program = currentEngine().createProgram(describeProgram({ nodes, outputs: [[1, 0]] }));
    expect(program.runHere([new Float32Array(4)], 1)).toEqual([new Float32Array(3)]);
  });

  test('refuses an input of another dtype than declared, or an unknown one', async () => {
    setEngine(engine);
    const [first, second] = good.graph.nodes;
    const typed = (attribute: string, declared: string) => {
      const input = {
        ...first,
        attributes: { shape: [4], dtype: attribute },
        outputs: [{ shape: [4], dtype: declared }],
      };
      return currentEngine().createProgram(describeProgram({ nodes: [input as typeof first, second] }));
    };
    typed('uint8', 'uint8');
    typed('int32', 'int32');
    await expectError(() => typed('int32', 'float32'), 'INVALID_ARGUMENT', /input.*int32.*float32/);
    await expectError(() => typed('int8', 'int8'), 'INVALID_ARGUMENT', /int8/);
  });
});

test('a value is identified by its node and output index', () => {
  const [node] = chain([4], []).graph.nodes;
  const two = { ...node, outputs: [...node.outputs, { shape: [7], dtype: 'float32' as const }] };
  expect([nodeOf(3), nodeOf([3, 1])]).toEqual([3, 3]);
  expect([shapeOf([two], 0), shapeOf([two], [0, 1])]).toEqual([[4], [7]]);
});
