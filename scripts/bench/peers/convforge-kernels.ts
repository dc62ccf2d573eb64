import { ConvforgeError } from '../../../lib/errors.js';
import type { NodeDescription, ProgramDescription, Shape } from '../../../lib/program/description.js';
import type { Program, Samples } from '../../../lib/program/engine.js';
import type { ProgramExplanation } from '../../../lib/program/explanation.js';
import { nativeEngine } from '../../../lib/program/native-engine.js';
import { RandomGenerator } from '../../../lib/random/index.js';
import { VERSION } from '../../../lib/version.js';
import { type ConvShape, KERNEL_SHAPES, type KernelShape, type PoolShape } from '../support/kernel-shapes.js';
import { print } from './child.js';

const REPEATS = 3;
/** Of a repeat, at least. */
const SECONDS = 0.1;

const random = new RandomGenerator(1);

type Operation = Pick<NodeDescription, 'op' | 'attributes' | 'parameters' | 'shape'>;

/** Prints rates (pooling: times) of the shapes' passes as the engine's own profile tells them. A shape that it refuses is left out. */
export async function benchKernels(): Promise<void> {
  for (const shape of KERNEL_SHAPES) {
    try {
      await benchKernel(shape);
    } catch (error) {
      if (!(error instanceof ConvforgeError)) throw error;
      process.stderr.write(`${shape.name}: ${error.message}\n`);
    }
  }
}

async function benchKernel(shape: KernelShape): Promise<void> {
  const description = programOf(shape);
  const program = nativeEngine().createProgram(description);
  const [input, , measured] = description.nodes;
  const x = randomSamples([shape.batch, ...input.shape]);
  const y = randomSamples([shape.batch, ...measured.shape]);
  try {
    program.writeWeights(program.readWeights().map(({ length }) => randomValues(length)));
    const repeats: ProgramExplanation[] = [];
    const steps = await stepsIn(SECONDS, () => train(program, x, y, 1));
    for (let i = 0; i < REPEATS; i++) {
      program.profile(true);
      await train(program, x, y, steps);
      repeats.push(program.explain('train', shape.batch));
    }
    const kinds = repeats[0].passes.filter(({ node }) => node === 'measured').map(({ kind }) => kind);
    for (const kind of new Set(kinds)) printPass(shape, kind, repeats);
  } finally {
    program.dispose();
    x.dispose();
    y.dispose();
  }
}

function printPass({ name, op }: KernelShape, kind: string, repeats: readonly ProgramExplanation[]): void {
  const own = repeats.map(({ passes, profile }) => ({
    passes: passes.filter((pass) => pass.node === 'measured' && pass.kind === kind),
    profile: profile as NonNullable<typeof profile>,
  }));
  const values = own.map(({ passes, profile }) => {
    const seconds = passes.reduce((sum, { seconds = 0 }) => sum + seconds, 0);
    const flops = passes.reduce((sum, { flops }) => sum + flops, 0) * profile.samples;
    return op === 'pool' ? (1000 * seconds) / profile.steps : (1e-9 * flops) / seconds;
  });
  const config = [...new Set(own[0].passes.map(({ algorithm }) => algorithm))].join(' + ');
  print({
    task: `${name}, ${passName(op, kind)}`,
    unit: op === 'pool' ? 'ms' : 'GFLOP/s',
    config,
    version: VERSION,
    values,
  });
}

/** Before the measured node is one with weights, or else nobody would want the gradient of its input; the loss gives it a gradient without zeros. */
function programOf(shape: KernelShape): ProgramDescription {
  const input = inputShape(shape);
  const channels = input[input.length - 1];
  return {
    nodes: [
      { name: 'input', op: 'input', inputs: [], attributes: {}, parameters: [], shape: input },
      { name: 'before', inputs: [0], ...dense(input, channels) },
      { name: 'measured', inputs: [1], ...operation(shape) },
    ],
    training: {
      loss: { kind: 'halfSquaredError', fromLogits: false },
      optimizer: { kind: 'sgd', learningRate: 0, momentum: 0, nesterov: false },
      metrics: [],
    },
  };
}

function inputShape(shape: KernelShape): Shape {
  if (shape.op === 'dense') return [shape.inputs];
  return [shape.height, shape.width, shape.op === 'conv' ? shape.inputs : shape.channels];
}

function operation(shape: KernelShape): Operation {
  if (shape.op === 'dense') return dense([shape.inputs], shape.units);
  return shape.op === 'conv' ? conv(shape) : pool(shape);
}

function dense(input: Shape, units: number): Operation {
  const parameters = [{ name: 'kernel', shape: [input[input.length - 1], units] }];
  return { op: 'dense', attributes: {}, parameters, shape: [...input.slice(0, -1), units] };
}

function conv({ height, width, inputs, outputs, size, stride, pad, dilation, groups }: ConvShape): Operation {
  const count = (length: number) => Math.floor((length + 2 * pad - (size - 1) * dilation - 1) / stride) + 1;
  return {
    op: 'conv2d',
    attributes: {
      strides: [stride, stride],
      dilation: [dilation, dilation],
      padding: [pad, pad, pad, pad],
      ...(groups > 1 && { groups }),
    },
    parameters: [{ name: 'kernel', shape: [size, size, inputs / groups, outputs] }],
    shape: [count(height), count(width), outputs],
  };
}

function pool({ kind, height, width, channels, size, stride }: PoolShape): Operation {
  const count = (length: number) => Math.floor((length - size) / stride) + 1;
  return {
    op: 'pool2d',
    attributes: { kind, size: [size, size], strides: [stride, stride], padding: [0, 0, 0, 0] },
    parameters: [],
    shape: [count(height), count(width), channels],
  };
}

/** In [-0.1, 0.1). */
function randomValues(length: number): Float32Array {
  return Float32Array.from({ length }, () => 0.2 * random.uniform() - 0.1);
}

function randomSamples(shape: Shape): Samples {
  const samples = nativeEngine().allocateSamples(shape, 'float32');
  samples.write(randomValues(shape.reduce((a, b) => a * b)), 0);
  return samples;
}

/** `steps` steps on the same batch. */
async function train(program: Program, x: Samples, y: Samples, steps: number): Promise<void> {
  const batchSize = x.shape[0];
  const order = Uint32Array.from({ length: steps * batchSize }, (_, i) => i % batchSize);
  await program.train({ x, y, batchSize, order, seed: 0 });
}

/** How many steps take so many seconds; warms up. */
async function stepsIn(seconds: number, step: () => Promise<void>): Promise<number> {
  for (let i = 0; i < 2; i++) await step();
  const started = performance.now();
  await step();
  return Math.ceil((1000 * seconds) / (performance.now() - started));
}
