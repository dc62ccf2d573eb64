import * as tfjs from '@tensorflow/tfjs-core';
import type * as tfjsLayers from '@tensorflow/tfjs-layers';

interface Fields {
  epsilon: number;
  beta2: number;
  centered?: boolean;
  iterations_?: number;
}

interface Slot {
  originalName: string;
  variable: tfjs.Variable;
}

interface AdadeltaFields {
  learningRate: number;
  rho: number;
  epsilon: number;
  accumulatedGrads: Slot[];
  accumulatedUpdates: Slot[];
  incrementIterations(): void;
}

/**
 * Makes TF.js train like Keras: with Keras's epsilons and Adadelta, and with constraints applied after each
 * step, which TF.js applies only when weights are set.
 */
export async function stepAsKeras<T>(model: tfjsLayers.LayersModel, step: () => Promise<T>): Promise<T> {
  const optimizer = model.optimizer as tfjs.Optimizer & Fields;
  const { epsilon } = optimizer;
  const name = optimizer.getClassName();
  if (name === 'Adam')
    optimizer.epsilon /= Math.sqrt(1 - optimizer.beta2 ** ((optimizer.iterations_ ?? 0) + 1));
  if (name === 'RMSProp' && optimizer.centered) optimizer.epsilon = -epsilon;
  if (name === 'Adadelta') followKeras(optimizer as unknown as tfjs.Optimizer & AdadeltaFields);
  const result = await step();
  if (epsilon !== undefined) optimizer.epsilon = epsilon;
  for (const weight of model.trainableWeights) {
    const variable = weight as unknown as {
      constraint: unknown;
      read(): tfjs.Tensor;
      write(to: tfjs.Tensor): void;
    };
    if (variable.constraint) variable.write(variable.read().clone());
  }
  return result;
}

/** TF.js divides by the root of the mean square before it includes the current gradient. */
function followKeras(optimizer: tfjs.Optimizer & AdadeltaFields): void {
  const { add, div, mul, sqrt, square, sub } = tfjs;
  const slot = (slots: Slot[], i: number, name: string, value: tfjs.Tensor): tfjs.Variable => {
    slots[i] ??= { originalName: name, variable: tfjs.zerosLike(value).variable(false) };
    return slots[i].variable;
  };
  optimizer.applyGradients = (gradients) => {
    const { rho, epsilon, learningRate } = optimizer;
    for (const [i, { name, tensor: gradient }] of (
      gradients as unknown as { name: string; tensor: tfjs.Tensor }[]
    ).entries()) {
      const value = tfjs.engine().registeredVariables[name];
      const squares = slot(optimizer.accumulatedGrads, i, `${name}/accum_grad`, value);
      const updates = slot(optimizer.accumulatedUpdates, i, `${name}/accum_var`, value);
      tfjs.tidy(() => {
        squares.assign(add(mul(squares, rho), mul(square(gradient), 1 - rho)));
        const ratio = div(sqrt(add(updates, epsilon)), sqrt(add(squares, epsilon)));
        const update = mul(ratio, gradient);
        updates.assign(add(mul(updates, rho), mul(square(update), 1 - rho)));
        value.assign(sub(value, mul(update, learningRate)));
      });
    }
    optimizer.incrementIterations();
  };
}
