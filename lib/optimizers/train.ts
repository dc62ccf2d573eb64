import { isPlainObject, OptionChecks } from '../options.js';
import { Adadelta } from './adadelta.js';
import { Adagrad } from './adagrad.js';
import { Adam } from './adam.js';
import { Adamax } from './adamax.js';
import type { OptimizerOptions } from './base-optimizer.js';
import { RMSprop } from './rmsprop.js';
import { InverseTimeDecay } from './schedules/inverse-time-decay.js';
import { SGD } from './sgd.js';

/** A number, or one of `optimizers.schedules`. */
export type LearningRate = OptimizerOptions['learningRate'];

/** Returns the rate. Throws for an object of options, which the function of `optimizers` takes. */
function checkRate<Rate extends LearningRate>(name: string, learningRate: Rate, sameAs = name): Rate {
  if (isPlainObject(learningRate) && !('className' in learningRate)) {
    new OptionChecks(`train.${name}`).fail(
      'INVALID_ARGUMENT',
      `its arguments are numbers, the learning rate first; options go to optimizers.${sameAs}({ learningRate: 0.01, ... }).`,
    );
  }
  return learningRate;
}

/** Stochastic gradient descent. */
export function sgd(learningRate: LearningRate): SGD {
  return new SGD({ learningRate: checkRate('sgd', learningRate) });
}

/** Stochastic gradient descent with momentum: the factor of the previous update, in [0, 1). */
export function momentum(learningRate: LearningRate, momentum: number, useNesterov = false): SGD {
  return new SGD({
    learningRate: checkRate('momentum', learningRate, 'sgd'),
    momentum,
    nesterov: useNesterov,
  });
}

/** The Adam optimizer. Defaults: 0.001, 0.9, 0.999, 1e-7. */
export function adam(
  learningRate?: LearningRate,
  beta1?: number | null,
  beta2?: number | null,
  epsilon?: number | null,
): Adam {
  return new Adam({
    learningRate: checkRate('adam', learningRate),
    beta1: beta1 ?? undefined,
    beta2: beta2 ?? undefined,
    epsilon: epsilon ?? undefined,
  });
}

/**
 * The Adamax optimizer. Defaults: 0.002, 0.9, 0.999, 1e-7, 0. With `decay`, the rate at step s is
 * learningRate / (1 + decay * s).
 */
export function adamax(
  learningRate?: number | null,
  beta1?: number | null,
  beta2?: number | null,
  epsilon?: number | null,
  decay?: number | null,
): Adamax {
  const initialLearningRate = checkRate('adamax', learningRate) ?? 0.002;
  return new Adamax({
    learningRate: decay
      ? new InverseTimeDecay({ initialLearningRate, decaySteps: 1, decayRate: decay })
      : initialLearningRate,
    beta1: beta1 ?? undefined,
    beta2: beta2 ?? undefined,
    epsilon: epsilon ?? undefined,
  });
}

/** The RMSprop optimizer. `decay` is Keras's rho. Defaults after the rate: 0.9, 0, 1e-7, false. */
export function rmsprop(
  learningRate: LearningRate,
  decay?: number | null,
  momentum?: number | null,
  epsilon?: number | null,
  centered = false,
): RMSprop {
  return new RMSprop({
    learningRate: checkRate('rmsprop', learningRate),
    rho: decay ?? undefined,
    momentum: momentum ?? undefined,
    epsilon: epsilon ?? undefined,
    centered,
  });
}

/** The Adagrad optimizer. Default of initialAccumulatorValue: 0.1. */
export function adagrad(learningRate: LearningRate, initialAccumulatorValue?: number | null): Adagrad {
  return new Adagrad({
    learningRate: checkRate('adagrad', learningRate),
    initialAccumulatorValue: initialAccumulatorValue ?? undefined,
  });
}

/** The Adadelta optimizer. Defaults: 0.001, 0.95, 1e-7. */
export function adadelta(
  learningRate?: LearningRate,
  rho?: number | null,
  epsilon?: number | null,
): Adadelta {
  return new Adadelta({
    learningRate: checkRate('adadelta', learningRate),
    rho: rho ?? undefined,
    epsilon: epsilon ?? undefined,
  });
}
