import { ConvforgeError } from '../../errors.js';
import type { ValueGradientsDescription } from '../description.js';
import type { Totals, ValueGradientRun, ValueGradients } from '../engine.js';
import { backward, forward, type Seed, score, seedsOf } from './network.js';
import type { RandomState } from './op.js';
import type { Plan, PlannedGradients } from './planned.js';
import { allocate, type FloatArray, type Precision } from './precision.js';
import {
  checkLabels,
  gatherBatch,
  gatherInputs,
  naturalOrder,
  type OpenInputs,
  openFactors,
  openInputs,
  openRun,
} from './runs.js';
import { addBatch, noTotals } from './totals.js';
import { showValue, type Values } from './values.js';

/** The samples of a run, which make one batch. */
export interface OpenValueGradients extends OpenInputs {
  /**
   * Computes the gradients from which the backward pass starts, and the totals of the loss, from the values
   * of all nodes.
   */
  begin(values: readonly FloatArray[]): { seeds: Seed[]; totals: Totals };
}

/** Plans gradients by values. Throws INVALID_ARGUMENT if a value doesn't exist or its steps are folded. */
export function planValueGradients({ by, of }: ValueGradientsDescription, values: Values): PlannedGradients {
  const found = by.map((reference) => {
    const value = values.find(reference);
    const problem =
      value === undefined
        ? `there are ${values.nodes} nodes.`
        : values.list[value].folds !== 1 && 'its steps are folded.';
    if (value !== undefined && !problem) return value;
    throw new ConvforgeError('INVALID_ARGUMENT', `gradients can't be by ${showValue(reference)}: ${problem}`);
  });
  if (of !== 'loss' && of !== 'output')
    throw new ConvforgeError('INVALID_ARGUMENT', `gradients are of 'loss' or 'output', not ${of}.`);
  return { by: found, of };
}

/** Checks a run against a plan. Throws INVALID_ARGUMENT, SHAPE_MISMATCH, INVALID_LABEL and NOT_COMPILED. */
export function openValueGradients(
  run: ValueGradientRun,
  plan: Plan,
  precision: Precision,
): OpenValueGradients {
  const { valueGradients, training } = plan;
  if (!valueGradients)
    throw new ConvforgeError('INVALID_ARGUMENT', "the program isn't for gradients by values.");
  const totals = noTotals(training ?? { outputs: [] });
  if (valueGradients.of === 'output') {
    const inputs = openInputs(run.x, plan);
    const { values: factors } = openFactors(run, plan, inputs.count);
    const gradient = allocate(precision, factors.length);
    gradient.set(factors);
    return { ...inputs, begin: () => ({ seeds: [{ value: plan.outputs[0], gradient }], totals }) };
  }
  if (!training) {
    throw new ConvforgeError(
      'NOT_COMPILED',
      'this program has no loss and no optimizer: compile the model first.',
    );
  }
  const opened = openRun(run, plan, training);
  const order = naturalOrder(opened.count);
  checkLabels(opened, order, training);
  const begin = (values: readonly FloatArray[]) => {
    const batch = gatherBatch(opened, order, precision);
    const { result, gradients } = score(training, precision, values, batch);
    addBatch(totals, result, batch.samples);
    return { seeds: seedsOf(training, gradients), totals };
  };
  return { ...opened, begin };
}

/** Computes gradients by values. */
export function computeValueGradients(
  plan: Plan,
  precision: Precision,
  weights: readonly FloatArray[],
  opened: OpenValueGradients,
  random: RandomState,
): ValueGradients {
  const inputs = gatherInputs(opened, naturalOrder(opened.count), precision);
  const activations = forward(plan, precision, weights, inputs, random, true);
  const { seeds, totals } = opened.begin(activations.values);
  const { byValue } = backward(plan, precision, activations, seeds);
  const toFloats = (values: FloatArray) => new Float32Array(values);
  return {
    totals,
    outputs: plan.outputs.map((value) => toFloats(activations.values[value])),
    gradients: (plan.valueGradients?.by ?? []).map((value) => toFloats(byValue(value))),
  };
}
