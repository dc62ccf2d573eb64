import { ConvforgeError } from '../../errors.js';
import type { OptimizerState } from '../engine.js';
import { checkNumber, type Optimizer } from './optimizers.js';
import type { Plan } from './plan.js';
import type { TrainingPlan } from './plan-training.js';
import { allocate, type FloatArray, type Precision } from './precision.js';

/** The optimizer of one program with its state. */
export class Trainer {
  /** Training steps made so far. */
  iterations = 0;
  #learningRate: number;
  readonly #optimizer: Optimizer;
  readonly #parameters: Plan['parameters'];
  readonly #weights: readonly FloatArray[];
  readonly #slots: Record<string, FloatArray[]>;

  constructor(
    training: TrainingPlan,
    parameters: Plan['parameters'],
    weights: readonly FloatArray[],
    precision: Precision,
  ) {
    this.#parameters = parameters;
    this.#learningRate = training.learningRate;
    this.#optimizer = training.optimizer;
    this.#weights = weights;
    this.#slots = Object.fromEntries(
      training.optimizer.slots.map((name) => [
        name,
        weights.map(({ length }) => allocate(precision, length)),
      ]),
    );
  }

  set learningRate(rate: number) {
    checkNumber('learningRate', rate, 0, Number.POSITIVE_INFINITY);
    this.#learningRate = rate;
  }

  /** SHAPE_MISMATCH unless there is a gradient for each parameter. */
  checkGradients(gradients: readonly Float32Array[]): void {
    checkLengths(gradients, this.#weights, 'applyGradients');
  }

  /** Updates the weights that are trainable, in place. */
  apply(gradients: readonly FloatArray[]): void {
    this.iterations++;
    this.#weights.forEach((weights, index) => {
      if (!this.#parameters[index].trainable) return;
      this.#optimizer.update({
        learningRate: this.#learningRate,
        iteration: this.iterations,
        weights,
        gradient: gradients[index],
        slots: Object.fromEntries(Object.entries(this.#slots).map(([name, arrays]) => [name, arrays[index]])),
      });
    });
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

/** SHAPE_MISMATCH unless there are as many arrays, each as long, as expected. */
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
