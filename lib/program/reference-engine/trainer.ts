import { ConvforgeError } from '../../errors.js';
import type { OptimizerState } from '../engine.js';
import type { OptimizerDescription } from '../optimizer-description.js';
import { slotsOf } from '../optimizer-slots.js';
import { rateAt } from '../schedule.js';
import { constrain } from './constraints.js';
import { clipGradients } from './optimizer-settings.js';
import { checkNumber, type UpdateRule } from './optimizers.js';
import type { Plan, TrainingPlan } from './planned.js';
import { allocate, type FloatArray, type Precision } from './precision.js';

/** The optimizer of one program, with its state. */
export class Trainer {
  /** Number of training steps so far. */
  iterations = 0;
  #learningRate: OptimizerDescription['learningRate'];
  readonly #optimizer: OptimizerDescription;
  readonly #rule: UpdateRule;
  readonly #precision: Precision;
  readonly #parameters: Plan['parameters'];
  readonly #weights: readonly FloatArray[];
  readonly #slots: Record<string, FloatArray[]>;

  constructor(
    { optimizer, rule }: TrainingPlan,
    parameters: Plan['parameters'],
    weights: readonly FloatArray[],
    precision: Precision,
  ) {
    this.#parameters = parameters;
    this.#learningRate = optimizer.learningRate;
    this.#optimizer = optimizer;
    this.#rule = rule;
    this.#precision = precision;
    this.#weights = weights;
    this.#slots = Object.fromEntries(
      slotsOf(optimizer).map(({ name, initial }) => [
        name,
        weights.map(({ length }) => allocate(precision, length).fill(initial)),
      ]),
    );
  }

  set learningRate(rate: number) {
    checkNumber('learningRate', rate, 0, Number.POSITIVE_INFINITY);
    this.#learningRate = rate;
  }

  /** Throws SHAPE_MISMATCH unless there is a gradient for each parameter. */
  checkGradients(gradients: readonly Float32Array[]): void {
    checkLengths(gradients, this.#weights, 'applyGradients');
  }

  /** Makes one step: updates the trainable weights in place, or only accumulates their gradients. */
  apply(given: readonly FloatArray[]): void {
    const { gradientAccumulationSteps: steps = 1 } = this.#optimizer;
    const learningRate = rateAt(this.#learningRate, this.iterations);
    const update = Math.floor(this.iterations / steps) + 1;
    this.iterations++;
    const trained = [...this.#weights.keys()].filter((index) => this.#parameters[index].trainable);
    const gradients = given.map((gradient) => allocate(this.#precision, gradient.length));
    for (const index of trained) gradients[index].set(given[index]);
    if (steps > 1) {
      for (const index of trained) this.#accumulate(gradients[index], index, steps);
      if (this.iterations % steps !== 0) return;
    }
    clipGradients(
      this.#optimizer,
      trained.map((index) => gradients[index]),
    );
    for (const index of trained) this.#update(index, gradients[index], learningRate, update);
  }

  /**
   * Adds the gradient to the accumulated sum. In the last step of a round, replaces the gradient by the mean.
   */
  #accumulate(gradient: FloatArray, index: number, steps: number): void {
    const sum = this.#slots.accumulated[index];
    for (let i = 0; i < sum.length; i++) sum[i] += gradient[i];
    if (this.iterations % steps !== 0) return;
    for (let i = 0; i < sum.length; i++) gradient[i] = sum[i] / steps;
    sum.fill(0);
  }

  #update(index: number, gradient: FloatArray, learningRate: number, t: number): void {
    const { weightDecay = 0 } = this.#optimizer;
    const weights = this.#weights[index];
    const slots = Object.fromEntries(
      Object.entries(this.#slots).map(([name, arrays]) => [name, arrays[index]]),
    );
    for (let i = 0; i < weights.length; i++) weights[i] -= weightDecay * learningRate * weights[i];
    this.#rule({ learningRate, t, weights, gradient, slots });
    if (slots.average) this.#average(weights, slots.average, t);
    const { constraint, shape } = this.#parameters[index];
    if (constraint) constrain(constraint, shape, weights);
  }

  #average(weights: FloatArray, average: FloatArray, t: number): void {
    const { emaMomentum = 0, emaOverwriteFrequency = 0 } = this.#optimizer;
    const momentum = t === 1 ? 0 : emaMomentum;
    for (let i = 0; i < weights.length; i++) average[i] = momentum * average[i] + (1 - momentum) * weights[i];
    if (emaOverwriteFrequency > 0 && t % emaOverwriteFrequency === 0) weights.set(average);
  }

  get state(): OptimizerState {
    const copies = Object.entries(this.#slots).map(([name, arrays]) => [
      name,
      arrays.map((array) => new Float32Array(array)),
    ]);
    return { iterations: this.iterations, slots: Object.fromEntries(copies) };
  }

  set state({ iterations, slots }: OptimizerState) {
    if (!Number.isSafeInteger(iterations) || iterations < 0) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `the optimizer's iterations are ${iterations}; they must be a whole number from 0 up.`,
      );
    }
    const expected = Object.keys(this.#slots);
    const given = Object.keys(slots);
    if (given.length !== expected.length || !expected.every((name) => Object.hasOwn(slots, name))) {
      throw new ConvforgeError(
        'SHAPE_MISMATCH',
        `the optimizer keeps the slots [${expected.join(', ')}], not [${given.join(', ')}].`,
      );
    }
    for (const name of expected) checkLengths(slots[name], this.#slots[name], `the optimizer's slot ${name}`);
    for (const name of expected)
      this.#slots[name].forEach((array, index) => void array.set(slots[name][index]));
    this.iterations = iterations;
  }
}

/** Throws SHAPE_MISMATCH unless `given` has the expected number of arrays and lengths. */
export function checkLengths(
  given: readonly Float32Array[],
  expected: readonly FloatArray[],
  what: string,
): void {
  if (given.length !== expected.length) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${what} needs ${expected.length} arrays, one for each parameter, not ${given.length}.`,
    );
  }
  given.forEach((array, index) => {
    if (array.length !== expected[index].length) {
      throw new ConvforgeError(
        'SHAPE_MISMATCH',
        `${what}: array ${index} has ${array.length} elements; its parameter has ${expected[index].length}.`,
      );
    }
  });
}
