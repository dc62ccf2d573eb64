import { ConvforgeError } from '../../lib/errors.js';
import type { OpName, Shape } from '../../lib/program/description.js';
import { measureLimits, shareOf } from '../../lib/compare/machine-limits.js';
import { type Effort, measureKernel, measurePasses, type PassFigures } from './pass-figures.js';
import { type BenchNode, MEASURED, kernelProgram, trainedNode } from './programs.js';
import { type Result, result } from './result.js';
import { KERNEL_SHAPES } from './support/kernel-shapes.js';
import { summarize } from '../../lib/compare/statistics.js';

interface Kernel {
  name: string;
  measure(effort: Effort): Promise<PassFigures[]>;
}

const KERNELS: readonly Kernel[] = [
  ...KERNEL_SHAPES.map((shape) => ({
    name: shape.name,
    measure: (effort: Effort) => measureKernel(shape, effort),
  })),
  ...(['relu', 'sigmoid', 'tanh'] as const).map((kind) => activation(kind, [32, 32, 64], 64)),
  activation('softmax', [1000], 128),
  ...(['batch', 'layer', 'group'] as const).map((kind) => normalization(kind, [32, 32, 64], 64)),
  optimizer('sgd', { kind: 'sgd', learningRate: 0, momentum: 0, nesterov: false }),
  optimizer('sgd with momentum', { kind: 'sgd', learningRate: 0, momentum: 0.9, nesterov: false }),
  optimizer('adam', { kind: 'adam', learningRate: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }),
];

function activation(kind: 'relu' | 'sigmoid' | 'tanh' | 'softmax', shape: number[], batch: number): Kernel {
  return alone(`${kind}, ${shape.join('x')}, b${batch}`, shape, batch, {
    op: 'activation',
    attributes: { kind },
  });
}

function normalization(kind: 'batch' | 'layer' | 'group', shape: number[], batch: number): Kernel {
  const channels = shape.slice(-1);
  const epsilon = 1e-3;
  const name = `${kind} normalization, ${shape.join('x')}, b${batch}`;
  const parameters = ['gamma', 'beta'].map((each) => ({ name: each, shape: channels }));
  if (kind === 'layer')
    return alone(name, shape, batch, {
      op: 'layerNormalization',
      attributes: { epsilon, axes: 1 },
      parameters,
    });
  if (kind === 'group')
    return alone(name, shape, batch, {
      op: 'groupNormalization',
      attributes: { epsilon, groups: 32 },
      parameters,
    });
  const kept = ['moving_mean', 'moving_variance'].map((each) => ({
    name: each,
    shape: channels,
    trainable: false,
  }));
  return alone(name, shape, batch, {
    op: 'batchNormalization',
    attributes: { epsilon, momentum: 0.99 },
    parameters: [...parameters, ...kept],
  });
}

/** A program of one node. */
function alone<Op extends OpName>(name: string, shape: Shape, batch: number, node: BenchNode<Op>): Kernel {
  const program = trainedNode(shape, node);
  return { name, measure: (effort) => measurePasses(program, batch, effort, (each) => each === MEASURED) };
}

/** The number of weights of a dense layer of 1024 x 1000. */
function optimizer(
  name: string,
  settings: NonNullable<ReturnType<typeof kernelProgram>['training']>['optimizer'],
): Kernel {
  const shape = KERNEL_SHAPES.find((each) => each.op === 'dense' && each.batch === 1);
  if (!shape) throw new RangeError('There is no dense layer for a batch of 1.');
  const program = kernelProgram(shape);
  const { training } = program;
  if (!training) throw new RangeError('The program has no training.');
  const description = { ...program, training: { ...training, optimizer: settings } };
  return {
    name: `${name}, 1024x1000 weights`,
    measure: (effort) => measurePasses(description, 1, effort, (node) => node === 'optimizer'),
  };
}

export const KERNEL_NAMES: readonly string[] = KERNELS.map(({ name }) => name);

/** Measures the passes of these kernels. Those that the engine doesn't have go to `left`, with the reason. */
export async function measureKernels(
  names: readonly string[],
  threads: number,
  effort: Effort,
  left: Record<string, string>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const kernel of KERNELS.filter(({ name }) => names.includes(name))) {
    process.stderr.write(`kernels, threads: ${threads}: ${kernel.name}\n`);
    try {
      const limits = await measureLimits(threads);
      for (const { kind, algorithm, unit, values } of await kernel.measure(effort)) {
        const name = `${kernel.name}: ${kind}`;
        const share = shareOf(summarize(values).median, unit, limits);
        results.push(result({ part: 'kernels', name, threads, unit, algorithm, share }, values));
      }
    } catch (error) {
      if (!(error instanceof ConvforgeError)) throw error;
      left[kernel.name] = error.message;
    }
  }
  return results;
}
