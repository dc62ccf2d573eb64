import { randomUniform, type Tensor, tensor } from '../../../lib/index.js';
import { encodeModel } from '../../../lib/onnx/write/encode.js';
import { writeGraph } from '../../../lib/onnx/write/model.js';
import {
  type Attribute,
  describeProgram,
  type NodeDescription,
  type OpName,
  type Shape,
} from '../../../lib/program/description.js';
import { referenceEngine } from '../../../lib/program/reference-engine/index.js';
import { SlicedWork } from '../../../lib/program/sliced-work.js';
import { BINARY_KINDS, UNARY_KINDS } from '../../support/arithmetic-kinds.js';
import { describeNode } from '../../support/chain.js';
import type { WrittenCase } from './written-case.js';

const SAMPLES = 2;

/** A node of a program, with the shapes of its inputs. */
interface OpCase {
  op: OpName;
  inputs: readonly Shape[];
  attributes?: object;
  parameters?: Readonly<Record<string, Shape>>;
  /** Whether values are above 0. */
  isPositive?: boolean;
}

const IMAGE = [4, 5, 3];

/** An op on these inputs. `first`: whether images come from a pooling, so that they are there channels first. */
function opCase(
  { op, inputs, attributes = {}, parameters = {}, isPositive }: OpCase,
  first: boolean,
): WrittenCase {
  const nodes: NodeDescription[] = inputs.map((shape, i) =>
    describeNode({ op: 'input', attributes: { shape }, parameters: [] }, `x${i + 1}`, [], []),
  );
  const sources = inputs.map((shape, i) => {
    if (!first || shape.length !== 3) return i;
    const pool = { kind: 'max', size: [1, 1], strides: [1, 1], padding: [0, 0, 0, 0] };
    return (
      nodes.push(describeNode({ op: 'pool2d', attributes: pool, parameters: [] }, `p${i}`, [i], [shape])) - 1
    );
  });
  const described = Object.entries(parameters).map(([name, shape]) => ({ name, shape }));
  const link = { op, attributes: attributes as Record<string, Attribute>, parameters: described };
  nodes.push(describeNode(link, 'y', sources, inputs));
  const graph = { nodes, outputs: [nodes.length - 1] };
  const [low, high] = isPositive ? [0.2, 2] : [-2, 2];
  const divides = 'kind' in attributes && attributes.kind === 'modulo';
  // Eighths are exact, so that no rounding decides a comparison.
  const draw = (shape: Shape, seed: number) =>
    Float32Array.from(randomUniform([...shape], low, high, 'float32', seed).dataSync(), (value) => {
      return Math.round(Number(value) * 8) / 8 + (divides ? 1 / 16 : 0);
    });
  const weights = described.map(({ shape }, i) => draw(shape, 30 + i));
  const values = inputs.map((shape, i) => draw([SAMPLES, ...shape], 1 + i));
  const signature = {
    inputs: inputs.map((shape, i) => ({ name: `x${i + 1}`, shape })),
    outputs: nodes.slice(-1).map(({ outputs }) => ({ name: 'y', shape: outputs[0].shape })),
  };
  const kind = 'kind' in attributes ? ` ${String(attributes.kind)}` : '';
  return {
    name: `op ${op}${kind}, ${inputs.map((shape) => shape.join('x')).join(' and ')}${first ? ', first' : ''}`,
    inputs: values.map((each, i) => tensor(each, [SAMPLES, ...inputs[i]])),
    write: async () => {
      const written = writeGraph(signature, [graph], 'channelsLast');
      return Buffer.concat(await new SlicedWork(encodeModel('op', written, weights)).promise);
    },
    predict: async () => {
      const engine = referenceEngine();
      const program = engine.createProgram(describeProgram(graph));
      program.writeWeights(weights);
      const x = values.map((each, i) => {
        const samples = engine.allocateSamples([SAMPLES, ...inputs[i]], 'float32');
        samples.write(each, 0);
        return samples;
      });
      const [y] = await program.predict({ x, batchSize: SAMPLES }).promise;
      program.dispose();
      return [tensor(y, [SAMPLES, ...signature.outputs[0].shape])] as Tensor[];
    },
  };
}

const POSITIVE = new Set<string>([
  'log',
  'log1p',
  'sqrt',
  'rsqrt',
  'reciprocal',
  'power',
  'divide',
  'floorDivide',
]);

function broadcasting(): OpCase[] {
  const kinds = BINARY_KINDS.map((kind) => ({
    op: 'binary' as const,
    inputs: [IMAGE, [1, 5, 3]],
    attributes: { kind },
    isPositive: POSITIVE.has(kind),
  }));
  return [
    ...kinds,
    { op: 'binary', inputs: [[3], IMAGE], attributes: { kind: 'subtract' } },
    { op: 'binary', inputs: [IMAGE, [5, 3]], attributes: { kind: 'subtract' } },
    { op: 'operand', inputs: [IMAGE], attributes: { kind: 'subtract', value: 1.5, reversed: true } },
    { op: 'operand', inputs: [IMAGE], attributes: { kind: 'multiply' }, parameters: { operand: [3] } },
    { op: 'operand', inputs: [IMAGE], attributes: { kind: 'add' }, parameters: { operand: [5, 1] } },
    { op: 'operand', inputs: [[5, 3]], attributes: { kind: 'maximum' }, parameters: { operand: IMAGE } },
    { op: 'operand', inputs: [[3]], attributes: { kind: 'add' }, parameters: { operand: [2, 1] } },
    { op: 'select', inputs: [[4, 1, 3], IMAGE, [1, 5, 3]] },
    {
      op: 'matMul',
      inputs: [
        [4, 3],
        [3, 5],
      ],
    },
    {
      op: 'matMul',
      inputs: [
        [2, 4, 3],
        [5, 3],
      ],
      attributes: { transposeB: true },
    },
    {
      op: 'matMul',
      inputs: [
        [3, 4],
        [2, 3, 5],
      ],
      attributes: { transposeA: true },
    },
    ...(['sum', 'mean', 'max', 'min', 'product'] as const).map((kind) => ({
      op: 'reduce' as const,
      inputs: [IMAGE],
      attributes: { kind, axes: [0, 2] },
    })),
    { op: 'reduce', inputs: [IMAGE], attributes: { kind: 'mean', axes: [0, 1] } },
    { op: 'reduce', inputs: [IMAGE], attributes: { kind: 'sum', axes: [1], keepDims: true } },
    { op: 'reduce', inputs: [[4, 5]], attributes: { kind: 'sum', axes: [] } },
  ];
}

function cutting(): OpCase[] {
  const pads = { before: [2, 0, 1], after: [1, -1, 0] };
  return [
    { op: 'slice', inputs: [IMAGE], attributes: { starts: [1, 0, 0], sizes: [2, 5, 2], steps: [1, 1, 2] } },
    { op: 'slice', inputs: [IMAGE], attributes: { starts: [3, 4, 0], sizes: [2, 5, 3], steps: [-2, -1, 1] } },
    { op: 'gather', inputs: [IMAGE], attributes: { axis: 1, indices: [4, 0, 0], indicesShape: [3] } },
    { op: 'gather', inputs: [IMAGE], attributes: { axis: 0, indices: [2], indicesShape: [] } },
    { op: 'gather', inputs: [IMAGE], attributes: { axis: 2, indices: [2, 0, 1, 1], indicesShape: [2, 2] } },
    { op: 'constant', inputs: [IMAGE], parameters: { value: [2, 3] } },
    ...[0, 1, 2].map((axis) => ({
      op: 'resample' as const,
      inputs: [IMAGE],
      attributes: { axis, size: 2, taps: 2, indices: [0, 1, 2, 2], weights: [0.25, 0.75, 0.5, 0.125] },
    })),
    { op: 'pad', inputs: [IMAGE], attributes: { ...pads, value: 0.5 } },
    ...(['edge', 'reflect', 'symmetric', 'wrap'] as const).map((mode) => ({
      op: 'pad' as const,
      inputs: [IMAGE],
      attributes: { before: [2, 0, 1], after: [1, mode === 'reflect' ? 1 : -1, 0], mode },
    })),
    { op: 'pad', inputs: [[3, 2]], attributes: { before: [5, 0], after: [4, 0], mode: 'reflect' } },
    { op: 'cumsum', inputs: [IMAGE], attributes: { axis: 1 } },
    { op: 'cumsum', inputs: [IMAGE], attributes: { axis: 2, exclusive: true, reverse: true } },
    { op: 'lrn', inputs: [[3, 2, 6]], attributes: { size: 3, alpha: 0.5, beta: 0.75, bias: 1.5 } },
    { op: 'lrn', inputs: [[6]], attributes: { size: 3, alpha: 0.5, beta: 0.75, bias: 1.5 } },
    { op: 'clip', inputs: [IMAGE], attributes: { min: -0.5, max: 1 } },
    { op: 'clip', inputs: [IMAGE], attributes: { max: 1 } },
    ...UNARY_KINDS.map((kind) => ({
      op: 'unary' as const,
      inputs: [IMAGE],
      attributes: { kind },
      isPositive: POSITIVE.has(kind),
    })),
    { op: 'activation', inputs: [IMAGE], attributes: { kind: 'celu', alpha: 0.7 } },
    { op: 'activation', inputs: [IMAGE], attributes: { kind: 'hardSigmoid', slope: 0.3, offset: 0.25 } },
  ];
}

function pools(): OpCase[] {
  const windows = { size: [3, 3], strides: [2, 2], padding: [1, 0, 1, 1] };
  const variants = [
    {},
    { counted: 'padded' },
    { beyond: [1, 1] },
    { beyond: [1, 0], counted: 'padded' },
    { dilations: [2, 2], padding: [2, 1, 1, 1] },
    { dilations: [2, 2], padding: [2, 1, 1, 1], counted: 'padded' },
    { dilations: [2, 1], padding: [3, 2, 1, 1] },
  ];
  return (['max', 'average', 'sum'] as const).flatMap((kind) =>
    variants.map((variant) => ({
      op: 'pool2d' as const,
      inputs: [[6, 5, 2]],
      attributes: { kind, ...windows, ...variant },
    })),
  );
}

/** Ops that few layers use, each with images channels last and first. */
export function opCases(): WrittenCase[] {
  const cases = [...broadcasting(), ...cutting(), ...pools()];
  const made = cases.flatMap((each) => {
    const hasImage = each.inputs.some((shape) => shape.length === 3) && each.op !== 'pool2d';
    return (hasImage ? [false, true] : [false]).map((first) => opCase(each, first));
  });
  return made.map((each, i) => ({ ...each, name: `${i + 1}: ${each.name}` }));
}
