import { Adam } from './adam.js';
import { SGD } from './sgd.js';

/** The optimizers with positional arguments, as TF.js has them under tf.train. */

export function sgd(learningRate: number): SGD {
  return new SGD({ learningRate });
}

export function momentum(learningRate: number, momentum: number, useNesterov = false): SGD {
  return new SGD({ learningRate, momentum, nesterov: useNesterov });
}

/** Defaults: 0.001, 0.9, 0.999, 1e-7. null means the default, as in TF.js. */
export function adam(
  learningRate?: number | null,
  beta1?: number | null,
  beta2?: number | null,
  epsilon?: number | null,
): Adam {
  return new Adam({
    learningRate: learningRate ?? undefined,
    beta1: beta1 ?? undefined,
    beta2: beta2 ?? undefined,
    epsilon: epsilon ?? undefined,
  });
}
