import type { ConstraintDescription, NodeDescription, ParameterDescription, Shape } from '../description.js';
import { fail, show } from './checks.js';
import type { FloatArray } from './precision.js';

const MAX_NORM = 1e30;

/** Throws INVALID_ARGUMENT or UNSUPPORTED for an invalid constraint. */
export function checkConstraint(
  node: NodeDescription,
  { name, shape, constraint }: ParameterDescription,
): void {
  if (!constraint || constraint.kind === 'nonNeg') return;
  const { kind, minimum, maximum, rate, axes } = constraint;
  if (kind !== 'norm') fail(node, 'UNSUPPORTED', `${name}: there is no constraint '${kind}'.`);
  if (!(minimum >= 0 && minimum <= maximum && maximum <= MAX_NORM && rate >= 0 && rate <= 1)) {
    fail(
      node,
      'INVALID_ARGUMENT',
      `${name}: a constraint's norms are 0 <= minimum <= maximum <= 1e30, its rate in [0, 1].`,
    );
  }
  const fits = axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < shape.length);
  if (axes.length === 0 || !fits) {
    fail(
      node,
      'INVALID_ARGUMENT',
      `${name}: a constraint's axes are one or more of the ${shape.length} of the shape ${show(shape)}.`,
    );
  }
}

/** Applies a constraint to a weight in place. */
export function constrain(constraint: ConstraintDescription, shape: Shape, weights: FloatArray): void {
  if (constraint.kind === 'nonNeg') {
    for (let i = 0; i < weights.length; i++) weights[i] = Math.max(0, weights[i]);
    return;
  }
  const { minimum, maximum, rate, axes } = constraint;
  const groups = Array.from(weights, (_, index) => groupOf(index, shape, axes));
  const squares = new Float64Array(Math.max(...groups) + 1);
  for (const [i, w] of weights.entries()) squares[groups[i]] += w * w;
  for (let i = 0; i < weights.length; i++) {
    const norm = Math.sqrt(squares[groups[i]]);
    const target = rate * Math.min(Math.max(norm, minimum), maximum) + (1 - rate) * norm;
    weights[i] *= target / (norm + 1e-7);
  }
}

/**
 * The index of an element's norm: its indexes along the axes that the norm doesn't sum over, as one number.
 */
function groupOf(index: number, shape: Shape, axes: readonly number[]): number {
  let rest = index;
  let group = 0;
  let scale = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (!axes.includes(axis)) {
      group += (rest % shape[axis]) * scale;
      scale *= shape[axis];
    }
    rest = Math.floor(rest / shape[axis]);
  }
  return group;
}
