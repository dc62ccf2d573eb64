import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, test } from 'vitest';
import { currentEngine, setEngine } from '../../lib/program/current-engine.js';
import type { Attribute, LossDescription, OpName } from '../../lib/program/description.js';
import type { OptimizerDescription } from '../../lib/program/optimizer-description.js';
import type { Program, Samples } from '../../lib/program/engine.js';
import { chain, dense, type Link, reshape, training } from '../support/chain.js';
import { ENGINES } from '../support/engines.js';
import { expectClose } from '../support/numeric.js';
import { outputOf } from '../support/one-batch.js';

// Made by scripts/golden/make-golden.py with PyTorch.

interface OpCase {
  name: string;
  op: OpName;
  attributes: Record<string, Attribute>;
  samples: number;
  inputShape: number[];
  outputShape: number[];
  parameters: { name: string; shape: number[]; values: number[]; gradient: number[] }[];
  loss: LossDescription['kind'];
  inputs: number[];
  targets: number[];
  outputs: number[];
  lossValue: number;
  inputGradient: number[];
}

interface OptimizerCase {
  name: string;
  optimizer: OptimizerDescription;
  inputs: number[];
  targets: number[];
  weights: number[][];
  steps: { loss: number; weights: number[][] }[];
}

function fixture<T>(name: string): T[] {
  return JSON.parse(readFileSync(join(__dirname, 'fixtures', `${name}.json`), 'utf8')) as T[];
}

/** Values are rounded to 6 digits, and float32 has about 7. */
const BOUNDS = { absolute: 5e-6, relative: 5e-6 };

const floats = (values: readonly number[]) => new Float32Array(values);

function link({ op, attributes, parameters, outputShape }: OpCase): Link {
  const descriptions = parameters.map(({ name, shape }) => ({ name, shape }));
  return () => ({ op, attributes, parameters: descriptions, shape: outputShape });
}

/** Samples of the current engine with these values. */
function samplesOf(values: readonly number[], shape: number[], dtype: 'float32' | 'int32') {
  const samples = currentEngine().allocateSamples(shape, dtype);
  samples.write(dtype === 'int32' ? Int32Array.from(values) : floats(values), 0);
  return samples;
}

/** Makes one step on all samples. Returns the mean loss before it. */
async function step(program: Program, x: Samples, y: Samples): Promise<number> {
  const samples = x.shape[0];
  const order = Uint32Array.from({ length: samples }, (_, index) => index);
  const totals = await program.train({ x: [x], y: [y], batchSize: samples, order, seed: 0 });
  return totals.loss / samples;
}

/**
 * The op behind a dense layer without bias whose inputs are rows of the identity: the rows of its kernel are then the op's
 * inputs, and the gradient by it is the gradient by those.
 */
function gradientProgram(golden: OpCase): Program {
  const size = golden.inputs.length / golden.samples;
  const links = [dense(size, { bias: false }), reshape(...golden.inputShape), link(golden)];
  const program = currentEngine().createProgram(chain([golden.samples], links, training(golden.loss)));
  program.writeWeights([floats(golden.inputs), ...golden.parameters.map(({ values }) => floats(values))]);
  return program;
}

function identity(size: number): number[] {
  return Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0));
}

describe.each(ENGINES)('the %s engine equals PyTorch', (engine) => {
  beforeAll(() => setEngine(engine));

  describe.each(['conv2d', 'pool2d', 'dense', 'activation', 'crossentropy'])('%s', (name) => {
    test.each(fixture<OpCase>(name))('$name: outputs', (golden) => {
      const program = currentEngine().createProgram(chain(golden.inputShape, [link(golden)]));
      program.writeWeights(golden.parameters.map(({ values }) => floats(values)));
      expectClose(outputOf(program, floats(golden.inputs), golden.samples), golden.outputs, BOUNDS);
      program.dispose();
    });

    test.each(fixture<OpCase>(name))('$name: loss and gradients', async (golden) => {
      const program = gradientProgram(golden);
      const before = program.readWeights();
      const classes = golden.loss === 'sparseCategoricalCrossentropy';
      const shape = classes ? golden.outputShape.slice(0, -1) : golden.outputShape;
      const x = samplesOf(identity(golden.samples), [golden.samples, golden.samples], 'float32');
      const y = samplesOf(golden.targets, [golden.samples, ...shape], classes ? 'int32' : 'float32');
      expectClose([await step(program, x, y)], [golden.lossValue], { ...BOUNDS, what: 'loss' });
      const after = program.readWeights();
      const expected = [golden.inputGradient, ...golden.parameters.map(({ gradient }) => gradient)];
      expected.forEach((gradient, index) => {
        const change = before[index].map((value, i) => value - after[index][i]);
        const what = index === 0 ? 'gradient by input' : `gradient by ${golden.parameters[index - 1].name}`;
        expectClose(change, gradient, { ...BOUNDS, what });
      });
      program.dispose();
    });
  });

  test.each(fixture<OptimizerCase>('optimizers'))('$name: four steps', async (golden) => {
    const { optimizer } = golden;
    const description = chain([3], [dense(2)], training('meanSquaredError', { optimizer }));
    const program = currentEngine().createProgram(description);
    program.writeWeights(golden.weights.map(floats));
    const x = samplesOf(golden.inputs, [5, 3], 'float32');
    const y = samplesOf(golden.targets, [5, 2], 'float32');
    for (const { loss, weights } of golden.steps) {
      expectClose([await step(program, x, y)], [loss], { ...BOUNDS, what: 'loss' });
      program.readWeights().forEach((values, index) => {
        expectClose(values, weights[index], { ...BOUNDS, what: `parameter ${index}, element` });
      });
    }
    program.dispose();
  });
});
