import { sortNodes } from '../layers/lower.js';
import type { LayersModel } from '../models/layers-model.js';
import { OptionChecks, show, unknownName } from '../options.js';
import type { Tensor } from '../tensor/index.js';
import { showShape } from '../tensor/shapes.js';
import type { PendingTensors } from '../tensor/pending-tensor.js';
import { type LayerOutput, layerOutputs } from './layer-outputs.js';
import type { Plane } from './planes.js';

/** The class, layer and output of a heat map. */
export interface HeatOptions {
  class?: number;
  layer?: string;
  output?: string;
}

/** A Grad-CAM heat map. */
export interface ClassHeat {
  layer: LayerOutput;
  /** At the size of the layer's feature maps. Values are 0 or more. */
  heat: Plane;
  class: number;
  /**
   * The model's score of the class, and the class with the highest score. Undefined for an output with a
   * class at each of several positions.
   */
  scored?: { score: number; predicted: number };
  /** Whether the gradients are those of the class's logit. */
  isOfLogits: boolean;
}

/**
 * Computes Grad-CAM: heat is max(sum_c w_c A_c, 0), where A_c is channel c of the layer's output and w_c the
 * mean, over all positions, of the gradient of the class's score with respect to A_c. (Selvaraju et al.,
 * "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017)
 *
 * After a softmax or a sigmoid the score is the logit. `batch` must have one image.
 */
export async function classHeat(
  checks: OptionChecks,
  model: LayersModel,
  batch: Tensor,
  options: HeatOptions,
): Promise<ClassHeat> {
  const index = outputIndex(checks, model, options.output);
  const layer = chooseLayer(checks, model, index, options.layer);
  const scores = await scoresOf(model, batch, index);
  const [count] = scores.shape.slice(-1);
  const isSingle = scores.size === count;
  if (options.class === undefined && !isSingle) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${model.outputs[index].name} gives ${showShape(scores.shape.slice(1))}, a class for each of several positions; choose one with \`class\`.`,
    );
  }
  const values = scores.dataSync();
  const predicted = isSingle ? values.indexOf(Math.max(...values)) : 0;
  const chosen = checks.whole('class', options.class ?? predicted, 0);
  if (chosen >= count) checks.fail('INVALID_ARGUMENT', `class is ${chosen}; the model has ${count}, from 0.`);
  const { layers, isOfLogits } = await model.inputGradients(batch, null, {
    output: model.signature.outputs[index].name,
    class: chosen,
    logits: true,
    inputs: [],
    layers: [layer.name],
  });
  const { output, gradient } = layers[layer.name];
  return {
    layer,
    heat: heatOf(output, gradient),
    class: chosen,
    ...(isSingle && { scored: { score: values[chosen], predicted } }),
    isOfLogits,
  };
}

function heatOf(output: Tensor, gradient: Tensor): Plane {
  const [, height, width, channels] = output.shape;
  const [a, g] = [output.dataSync(), gradient.dataSync()];
  const weights = new Float64Array(channels);
  for (let i = 0; i < g.length; i++) weights[i % channels] += g[i] / (height * width);
  const values = Float32Array.from({ length: height * width }, (_, position) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += weights[c] * a[position * channels + c];
    return Math.max(sum, 0);
  });
  return { width, height, values };
}

/** The model's prediction for one of its outputs. */
async function scoresOf(model: LayersModel, batch: Tensor, output: number): Promise<Tensor> {
  const outputs = await Promise.all([model.predict<PendingTensors>(batch)].flat());
  return outputs[output];
}

function outputIndex(checks: OptionChecks, { signature }: LayersModel, name: string | undefined): number {
  const names = signature.outputs.map((port) => port.name);
  if (name === undefined && names.length === 1) return 0;
  if (name === undefined)
    return checks.fail(
      'INVALID_ARGUMENT',
      `the model has ${names.length} outputs (${names.join(', ')}); name one in \`output\`.`,
    );
  if (!names.includes(name)) checks.fail('INVALID_ARGUMENT', unknownName('output', String(name), names));
  return names.indexOf(name);
}

/** The layer with that name, or the last layer before the output that gives feature maps. */
function chooseLayer(
  checks: OptionChecks,
  model: LayersModel,
  output: number,
  name: string | undefined,
): LayerOutput {
  const all = layerOutputs(model);
  if (name === undefined) {
    const leading = new Set(sortNodes(model.name, model.inputs, [model.outputs[output]]));
    const isInner = ({ name }: LayerOutput) => name.includes('/');
    const found = all.findLast(
      (each) =>
        (leading.has(each.value.node) || isInner(each)) &&
        givesMaps(each) &&
        each.value !== model.outputs[output],
    );
    if (found) return found;
    return checks.fail(
      'INVALID_ARGUMENT',
      `${model.name} has no layer with feature maps, [height, width, channels] larger than 1x1, before its output.`,
    );
  }
  const found = all.find((each) => each.name === name);
  if (!found) {
    const known = all.map((each) => each.name);
    return checks.fail('INVALID_ARGUMENT', unknownName('layer', show(name), known));
  }
  if (found.shape.length !== 3) {
    new OptionChecks(checks.subject, found.layer.name).fail(
      'SHAPE_MISMATCH',
      `${name} gives ${showShape(found.shape)}; Grad-CAM needs a layer with feature maps, [height, width, channels].`,
    );
  }
  return found;
}

function givesMaps({ shape }: LayerOutput): boolean {
  return shape.length === 3 && !(shape[0] === 1 && shape[1] === 1);
}
