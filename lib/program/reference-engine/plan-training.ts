import { ConvforgeError } from '../../errors.js';
import type { NodeDescription, OutputTraining, Shape, TrainingDescription } from '../description.js';
import { fail } from './checks.js';
import { makeLoss } from './losses/index.js';
import { makeMetric } from './metrics.js';
import { checkSettings } from './optimizer-settings.js';
import { makeRule } from './optimizers.js';
import type { Plan, ScoredOutput, TrainingPlan } from './planned.js';

export function planTraining(
  { outputs, optimizer }: TrainingDescription,
  nodes: readonly NodeDescription[],
  plan: Omit<Plan, 'training'>,
): TrainingPlan {
  if (outputs.length !== plan.outputs.length) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `there are ${plan.outputs.length} outputs, but training is described for ${outputs.length}.`,
    );
  }
  const scored = outputs.flatMap((output, index) =>
    output ? [planOutput(output, plan.outputs[index], nodes, plan)] : [],
  );
  if (scored.length === 0) {
    throw new ConvforgeError('INVALID_ARGUMENT', 'no output has a loss; training needs at least one.');
  }
  const rule = makeRule(optimizer);
  checkSettings(optimizer);
  return { outputs: scored, optimizer, rule };
}

function planOutput(
  { loss, weight = 1, metrics }: OutputTraining,
  value: number,
  nodes: readonly NodeDescription[],
  { inputs, steps, values, valueGradients }: Omit<Plan, 'training'>,
): ScoredOutput {
  const { node: index, shape } = values[value];
  const node = nodes[index];
  if (!Number.isFinite(weight)) {
    fail(node, 'INVALID_ARGUMENT', `the weight of its loss is ${weight}; it must be a finite number.`);
  }
  const rule = makeLoss(loss);
  const rules = metrics.map((description) => {
    const metric = makeMetric(description);
    if (metric.targets !== undefined && metric.targets !== rule.targets) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `the metric ${description.kind} compares with ${metric.targets}, but the targets of ${loss.kind} are ${rule.targets}.`,
      );
    }
    return metric;
  });
  if (shape.length === 0) {
    fail(node, 'SHAPE_MISMATCH', 'a loss needs an output with at least one axis, not [].');
  }
  const fits =
    node.op === 'activation' && node.attributes.kind === rule.logitsOf && isOverLastAxis(node, shape);
  const isTaken = steps.some((step) => step.inputs.includes(value)) || valueGradients?.by.includes(value);
  const fused = fits && !isTaken;
  return {
    name: node.name,
    value,
    shape,
    scored: fused ? steps[index - inputs.length].inputs[0] : value,
    loss: rule,
    logits: loss.fromLogits === true || fused,
    weight,
    metrics: rules,
  };
}

/** Whether a softmax is along the last axis. Also true for elementwise activations. */
function isOverLastAxis({ attributes }: NodeDescription<'activation'>, shape: Shape): boolean {
  return !('axis' in attributes) || attributes.axis === undefined || attributes.axis === shape.length - 1;
}
