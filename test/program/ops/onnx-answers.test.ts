import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resizeTaps } from '../../../lib/onnx/resize-taps.js';
import type { Attribute } from '../../../lib/program/description.js';
import type { Link } from '../../support/chain.js';
import { NAMED_ENGINES, samplesOn } from '../../support/engine-comparison.js';
import { Graph } from '../../support/graph.js';
import { expectClose } from '../../support/numeric.js';
import { resample } from '../../support/rearranging-links.js';

// Ops against what onnxruntime computes for ONNX's nodes. scripts/golden/make-onnx-ops.py makes the fixture.

interface Value {
  shape: number[];
  values: number[];
}

interface Case {
  op: string;
  attributes: Record<string, Attribute>;
  resize?: Record<string, number | string> & { size: number[] };
  inputs: Value[];
  output: Value;
}

const CASES = JSON.parse(readFileSync(join(__dirname, '../fixtures/onnx-ops.json'), 'utf8')) as Case[];

/** Resize along an axis, by the formulas of the reader of ONNX files. */
function resized({ resize, inputs }: Case, axis: number): Link {
  const { size, ...kind } = resize as NonNullable<Case['resize']>;
  const input = inputs[0].shape[axis];
  const output = size[axis];
  const taps = resizeTaps(
    { input, output, scale: output / input },
    {
      mode: kind.mode as string,
      coordinates: (kind.coordinate_transformation_mode as string) ?? 'half_pixel',
      nearest: (kind.nearest_mode as string) ?? 'round_prefer_floor',
      cubic: (kind.cubic_coeff_a as number) ?? -0.75,
      excludesOutside: kind.exclude_outside === 1,
      antialias: kind.antialias === 1,
      extrapolated: 0,
    },
  );
  const most = Math.max(...taps.map(({ length }) => length));
  const filled = taps.map((each) => Array.from({ length: most }, (_, t) => each[t] ?? [0, 0]));
  return resample(
    axis,
    output,
    filled.flat().map(([position]) => position),
    filled.flat().map(([, weight]) => weight),
  );
}

function linksOf(each: Case): Link[] {
  if (each.resize) return [resized(each, 0), resized(each, 1)];
  const { op, attributes } = each;
  return [() => ({ op: op as ReturnType<Link>['op'], attributes, parameters: [] })];
}

const named = CASES.map(
  (each) => [`${each.op} ${JSON.stringify(each.resize ?? each.attributes)}`, each] as const,
);

test.each(named)('%s', async (_, each) => {
  const graph = new Graph(...each.inputs.map(({ shape }) => shape));
  const last = graph.after(
    each.inputs.map((__, i) => i),
    ...linksOf(each),
  );
  expect(graph.nodes[last].outputs[0].shape).toEqual(each.output.shape);
  for (const [name, engine] of NAMED_ENGINES) {
    const program = engine.createProgram(graph.describe());
    const x = each.inputs.map(({ shape, values }) =>
      samplesOn(engine, [1, ...shape], Float32Array.from(values)),
    );
    const [y] = await program.predict({ x, batchSize: 1 }).promise;
    expectClose(y, each.output.values, { what: `element in the ${name} engine` });
  }
});
