import type { Model } from '../network/model.js';

/** As Keras does at the end of fit: where the optimizer keeps averages of the weights, they take the place of those that are trained. */
export async function useAverages(model: Model): Promise<void> {
  const { state, optimizer } = model;
  const { useEma, gradientAccumulationSteps = 1 } = optimizer.describe();
  if (!useEma || optimizer.iterations < gradientAccumulationSteps) return;
  const { weights, optimizer: kept } = await state.snapshot();
  const parameters = state
    .describe()
    .nodes.flatMap((node) => (node.sharesWith === undefined ? node.parameters : []));
  const averages = kept?.slots.average as Float32Array[];
  const used = weights.map((values, i) => (parameters[i].trainable === false ? values : averages[i]));
  state.programToTrain().writeWeights(used);
}
