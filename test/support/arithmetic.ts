import type { Shape, ValueReference } from '../../lib/program/description.js';
import type { ValueGradients } from '../../lib/program/engine.js';
import { shapeOf } from '../../lib/program/description.js';
import type { Link } from './chain.js';
import { pair, samplesOn } from './engine-comparison.js';
import { Graph } from './graph.js';
import { randomNumbers, sizeOf } from './numeric.js';
import { expectSame } from './special-values.js';

// Nodes that compute with numbers element by element.

const plain = (op: ReturnType<Link>['op'], attributes: ReturnType<Link>['attributes'] = {}): Link => {
  return () => ({ op, attributes, parameters: [] });
};

export const unary = (kind: string): Link => plain('unary', { kind });

export const clip = (limits: { min?: number; max?: number }): Link => plain('clip', limits);

export const binary = (kind: string): Link => plain('binary', { kind });

/** With a number, or with a parameter of a shape. */
export const operand = (
  kind: string,
  constant: number | Shape,
  options: { reversed?: boolean } = {},
): Link => {
  const isNumber = typeof constant === 'number';
  return () => ({
    op: 'operand',
    attributes: { kind, ...options, ...(isNumber && { value: constant }) },
    parameters: isNumber ? [] : [{ name: 'operand', shape: constant }],
  });
};

export const select: Link = plain('select');

export const reduce = (kind: string, axes: readonly number[], keepDims?: boolean): Link =>
  plain('reduce', { kind, axes, ...(keepDims !== undefined && { keepDims }) });

export const cumsum = (axis: number, options: { exclusive?: boolean; reverse?: boolean } = {}): Link =>
  plain('cumsum', { axis, ...options });

export interface Bounds {
  /** Of outputs, then of gradients; or of both. Infinity: gradients may be anything, NaN too. */
  absolute?: number | readonly [outputs: number, gradients: number];
  relative?: number;
}

/**
 * Expects outputs and gradients by all inputs of one link on the native engine to be those of the reference
 * engine in float64. NaN and infinity must be where they are there. `inputs` has the samples of each input.
 */
export async function expectLinkAsReference(
  shapes: readonly Shape[],
  link: Link,
  inputs: readonly Float32Array[],
  { absolute = 1e-36, relative = 1e-6 }: Bounds = {},
): Promise<ValueGradients> {
  const [ofOutputs, ofGradients] = typeof absolute === 'number' ? [absolute, absolute] : absolute;
  const graph = new Graph(...shapes);
  const all = shapes.map((_, i): ValueReference => i);
  const last = graph.after(all, link);
  const shape = shapeOf(graph.nodes, last);
  const samples = inputs[0].length / sizeOf(shapes[0]);
  const description = { ...graph.describe(), valueGradients: { by: all, of: 'output' as const } };
  const draw = (length: number, index: number) => randomNumbers(length, 60 + index, 0.5, 2).map(Math.fround);
  const results: ValueGradients[] = [];
  for (const { engine, program } of pair(description, draw)) {
    const x = inputs.map((values, i) => samplesOn(engine, [samples, ...shapes[i]], values));
    const factors = new Float32Array(randomNumbers(samples * sizeOf(shape), 9, 0.5, 2));
    const y = [samplesOn(engine, [samples, ...shape], factors)];
    results.push(await program.valueGradients({ x, y, seed: 4 }));
  }
  const [native, reference] = results;
  const name = `${graph.nodes[last].op} ${JSON.stringify(graph.nodes[last].attributes)}`;
  const at = (i: number) => `element ${i} of ${name}, where inputs are ${inputs.map((values) => values[i])}`;
  expectSame(native.outputs[0], reference.outputs[0], { absolute: ofOutputs, relative, what: at });
  if (ofGradients === Number.POSITIVE_INFINITY) return native;
  reference.gradients.forEach((expected, input) => {
    const what = (i: number) => `gradient by input ${input}, ${at(i)}`;
    expectSame(native.gradients[input], expected, { absolute: ofGradients, relative: 2 * relative, what });
  });
  return native;
}
