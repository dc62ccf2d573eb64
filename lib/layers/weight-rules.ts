import { type Constraint, type ConstraintIdentifier, getConstraint } from '../constraints/index.js';
import type { OptionChecks } from '../options.js';
import type { ConstraintDescription, ParameterDescription, Shape } from '../program/description.js';
import { getRegularizer, type Regularizer, type RegularizerIdentifier } from '../regularizers/index.js';
import type { LayerConfig } from './config.js';
import { showShape } from './shapes.js';

/** What training keeps a weight to. */
export interface WeightRules {
  regularizer?: Regularizer;
  constraint?: Constraint;
}

/** From the options that are called after the weight: kernelRegularizer and kernelConstraint. */
export function readWeightRules(options: object, weight: string): WeightRules {
  const given = options as Readonly<Record<string, unknown>>;
  const regularizer = given[`${weight}Regularizer`];
  const constraint = given[`${weight}Constraint`];
  return {
    ...(regularizer !== undefined && { regularizer: getRegularizer(regularizer as RegularizerIdentifier) }),
    ...(constraint !== undefined && { constraint: getConstraint(constraint as ConstraintIdentifier) }),
  };
}

/** The same options as plain data, without those that aren't set. */
export function weightRulesConfig({ regularizer, constraint }: WeightRules, weight: string): LayerConfig {
  const write = (rule: Regularizer | Constraint) => ({ className: rule.className, config: rule.getConfig() });
  return {
    ...(regularizer && { [`${weight}Regularizer`]: write(regularizer) }),
    ...(constraint && { [`${weight}Constraint`]: write(constraint) }),
  };
}

/**
 * What a program says of them. `shape` is the weight's, whose axes a constraint names; `opShape` the one that the op gives the same
 * elements. Throws UNSUPPORTED for a constraint over an axis that is another there.
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
  const shared = shape.findIndex((size, axis) => size !== opShape[axis]);
  const other = description.axes.find((axis) => shared >= 0 && axis >= shared);
  if (other === undefined) return description;
  return checks.fail(
    'UNSUPPORTED',
    `a norm over axis ${other} of a weight of shape ${showShape(shape)} can't be constrained; leave the axes from ${shared} on out.`,
  );
}
