import { ConvforgeError } from '../../errors.js';
import { sameShape, show } from './checks.js';
import type { Plan } from './planned.js';
import { allocate, type FloatArray, type Precision } from './precision.js';
import { Trainer } from './trainer.js';

/**
 * What training updates: weights, and the optimizer with its slots. Programs that differ in shapes only may
 * share it.
 */
export class ReferenceState {
  /** The arrays themselves, in the order of nodes and their parameters. */
  weights: readonly FloatArray[];
  trainer?: Trainer;
  /** Number of training runs that run or wait. */
  trainings = 0;
  /** Resolves when the last of them has ended. Training runs follow one another. */
  lastTraining: Promise<unknown> = Promise.resolve();
  /** Gradients of the step that a training with `stopAtNonFinite` left out. */
  pendingGradients?: readonly FloatArray[];
  isDisposed = false;
  readonly #plan: Plan;

  /** Initializes weights to zero. */
  constructor(plan: Plan, precision: Precision) {
    const { parameters, training } = plan;
    this.#plan = plan;
    this.weights = parameters.map(({ size }) => allocate(precision, size));
    if (training) this.trainer = new Trainer(training, parameters, this.weights, precision);
  }

  /** Throws INVALID_ARGUMENT unless a program with this plan can share the state. */
  checkShareable({ parameters, training }: Plan): void {
    const own = this.#plan.parameters;
    if (parameters.length !== own.length) fail(`${parameters.length} weights can't be ${own.length}`);
    for (const [i, { name, shape, trainable }] of parameters.entries()) {
      if (name === own[i].name && sameShape(shape, own[i].shape) && trainable === own[i].trainable) continue;
      fail(`${name} of shape ${show(shape)} can't be ${own[i].name} of shape ${show(own[i].shape)}`);
    }
    if (training?.optimizer.kind !== this.#plan.training?.optimizer.kind) fail('their optimizers differ');
  }

  dispose(): void {
    this.isDisposed = true;
    this.weights = [];
    this.trainer = undefined;
    this.pendingGradients = undefined;
  }
}

function fail(problem: string): never {
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `programs that share weights may differ only in their shapes: ${problem}.`,
  );
}
