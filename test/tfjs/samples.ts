import { Draw } from './generator/draw.js';
import type { ModelSpec, TargetKind } from './generator/spec.js';

/** Values with their shape, including the batch. */
export interface Values {
  shape: readonly number[];
  values: Float32Array;
}

/** Inputs and targets of a model. */
export interface Samples {
  x: readonly Values[];
  y: readonly Values[];
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

export function drawSamples({ graph, outputShapes, training, samples, dataSeed }: ModelSpec): Samples {
  const draw = new Draw(dataSeed);
  const x = graph.inputs.map(({ shape, classes }) =>
    fill([samples, ...shape], () => (classes === undefined ? draw.normal() : draw.whole(0, classes - 1))),
  );
  const y = outputShapes.map((shape, i) => drawTargets(draw, training.targets[i], [samples, ...shape]));
  return { x, y };
}

function fill(shape: readonly number[], value: () => number): Values {
  return { shape, values: Float32Array.from({ length: sizeOf(shape) }, value) };
}

function drawTargets(draw: Draw, kind: TargetKind, shape: readonly number[]): Values {
  const classes = shape[shape.length - 1];
  switch (kind) {
    case 'real':
      return fill(shape, () => draw.normal());
    case 'positive':
      return fill(shape, () => draw.number(0.1, 2));
    case 'aboveZero':
      return fill(shape, () => draw.pick([-1, 1]) * draw.number(0.5, 2));
    case 'signs':
      return fill(shape, () => draw.pick([-1, 1]));
    case 'binary':
      return fill(shape, () => draw.pick([0, 1]));
    case 'classes':
      return fill([...shape.slice(0, -1), 1], () => draw.whole(0, classes - 1));
    case 'oneHot': {
      let chosen = 0;
      let place = 0;
      return fill(shape, () => {
        if (place % classes === 0) chosen = draw.whole(0, classes - 1);
        return place++ % classes === chosen ? 1 : 0;
      });
    }
    case 'distribution': {
      const drawn = fill(shape, () => draw.number(0.1, 1));
      drawn.values.forEach((_, start) => {
        if (start % classes > 0) return;
        const row = drawn.values.subarray(start, start + classes);
        const sum = row.reduce((total, value) => total + value, 0);
        row.forEach((value, i) => {
          row[i] = value / sum;
        });
      });
      return drawn;
    }
  }
}

/** Values for a weight of this name, scaled so that activations keep their variance. */
export function drawWeight(draw: Draw, name: string, shape: readonly number[]): Values {
  if (/(gamma|moving_variance)$/.test(name)) return fill(shape, () => draw.number(0.5, 1.5));
  if (/alpha$/.test(name)) return fill(shape, () => draw.number(0.1, 0.5));
  if (/(bias|beta|moving_mean)$/.test(name)) return fill(shape, () => 0.3 * draw.normal());
  const isDepthwise = name.endsWith('depthwise_kernel');
  const inputs = sizeOf(isDepthwise ? shape.slice(0, 2) : shape.slice(0, -1));
  const scale = name.endsWith('embeddings') ? 1 : 1 / Math.sqrt(inputs);
  return fill(shape, () => scale * draw.normal());
}
