import type { Constraint } from '../constraints/index.js';
import { type OptionChecks, show } from '../options.js';
import type { Initializer } from '../initializers/index.js';
import type { ConstraintDescription, ParameterDescription, Shape } from '../program/description.js';
import type { Regularizer } from '../regularizers/index.js';
import { showShape } from './shapes.js';

/** The regularizer and the constraint of a weight. */
export interface WeightRules {
  regularizer?: Regularizer;
  constraint?: Constraint;
}

/** The options of a layer for one of its weights. */
export interface WeightOptions extends WeightRules {
  initializer: Initializer;
}

/**
 * The fields of a layer for a weight: kernelInitializer, kernelRegularizer and kernelConstraint for "kernel".
 */
export function weightOptions(layer: object, weight: string): WeightOptions {
  const fields = layer as Readonly<Record<string, unknown>>;
  return {
    initializer: fields[`${weight}Initializer`] as Initializer,
    regularizer: fields[`${weight}Regularizer`] as Regularizer | undefined,
    constraint: fields[`${weight}Constraint`] as Constraint | undefined,
  };
}

/**
 * Describes the rules for a program. `shape` is the weight's, whose axes a constraint names. `opShape` is its
 * shape in the op: the same elements in the same order. Throws UNSUPPORTED for a norm over axes that the op's
 * shape merges with others.
 */
export function describeWeightRules(
  checks: OptionChecks,
  { regularizer, constraint }: WeightRules,
  shape: Shape,
  opShape: Shape,
): Pick<ParameterDescription, 'regularizer' | 'constraint'> {
  return {
    ...(regularizer && { regularizer: regularizer.describe() }),
    ...(constraint && { constraint: describeConstraint(checks, constraint, shape, opShape) }),
  };
}

function describeConstraint(
  checks: OptionChecks,
  constraint: Constraint,
  shape: Shape,
  opShape: Shape,
): ConstraintDescription {
  const description = constraint.describe(shape.length);
  if (description.kind === 'nonNeg') return description;
  const axes = sharedAxes(shape, opShape).map(([own, ops]) => {
    const isNamed = (axis: number) => description.axes.includes(axis);
    const wide = own.filter((axis) => shape[axis] > 1);
    const named = wide.filter(isNamed);
    if (named.length > 0 && named.length < wide.length) return undefined;
    return named.length > 0 || (wide.length === 0 && own.some(isNamed)) ? ops : [];
  });
  const flat = axes.includes(undefined) ? [] : (axes as number[][]).flat();
  if (flat.length > 0) return { ...description, axes: flat };
  return checks.fail(
    'UNSUPPORTED',
    `a norm over axes ${show(description.axes)} of a weight of shape ${showShape(shape)} can't be constrained, which is computed as ${showShape(opShape)}; name other axes.`,
  );
}

/**
 * Splits the axes of two shapes of the same elements into the shortest runs that have equally many elements
 * in both.
 */
function sharedAxes(a: Shape, b: Shape): [number[], number[]][] {
  const runs: [number[], number[]][] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const run: [number[], number[]] = [[i], [j]];
    let [left, right] = [a[i++], b[j++]];
    while (left !== right) {
      if (left < right) {
        run[0].push(i);
        left *= a[i++];
      } else {
        run[1].push(j);
        right *= b[j++];
      }
    }
    runs.push(run);
  }
  // The remaining axes have size 1.
  const [own, ops] = runs[runs.length - 1];
  while (i < a.length) own.push(i++);
  while (j < b.length) ops.push(j++);
  return runs;
}
