import type { Compiled, CompiledOutput } from '../network/compile.js';
import type { Model } from '../network/model.js';
import { nodeOf, shapeOf, type LossDescription, type LossKind } from '../program/description.js';
import { warn } from '../warnings.js';
import { type Range, valueRanges } from './value-ranges.js';

/** The activation whose output each cross-entropy takes. */
const ACTIVATIONS: Partial<Record<LossKind, 'softmax' | 'sigmoid'>> = {
  categoricalCrossentropy: 'softmax',
  sparseCategoricalCrossentropy: 'softmax',
  categoricalFocalCrossentropy: 'softmax',
  binaryCrossentropy: 'sigmoid',
  binaryFocalCrossentropy: 'sigmoid',
};

/** Compilations that were checked already. */
const seen = new WeakSet<Compiled>();

/**
 * Warns about outputs that don't suit their losses, once per compilation. A cross-entropy takes
 * probabilities, or logits with fromLogits. An output whose range fits either is not reported.
 */
export function adviseOnLosses(model: Model): void {
  if (seen.has(model.compiled)) return;
  seen.add(model.compiled);
  const { nodes, outputs = [] } = model.state.describe().graph;
  const ranges = valueRanges(nodes);
  for (const [i, output] of model.compiled.outputs.entries()) {
    const node = nodes[nodeOf(outputs[i])];
    if (!output) continue;
    const isSoftmax = node.op === 'activation' && node.attributes.kind === 'softmax';
    const isOne = isSoftmax && shapeOf(nodes, outputs[i]).at(-1) === 1;
    const advice = isOne
      ? `'${output.name}' gives the softmax of a single number, which is always 1: use 'sigmoid', or more units.`
      : adviceFor(output, ranges[nodeOf(outputs[i])]);
    if (advice) warn(`${model.name}: ${advice}`);
  }
}

function adviceFor({ name, loss }: CompiledOutput, range: Range): string | undefined {
  const activation = ACTIVATIONS[loss.kind];
  if (!activation) return undefined;
  const [low, high] = range;
  if (loss.fromLogits) {
    if (!(low >= 0 && high <= 1)) return undefined;
    return `the loss ${loss.kind} has fromLogits: true, but '${name}' gives numbers from 0 to 1; leave out fromLogits, or the activation.`;
  }
  const isOff = low < 0 || (activation === 'sigmoid' && high > 1);
  if (!isOff) return undefined;
  return `the loss ${loss.kind} takes probabilities, but '${name}' may give ${off(range)}. Give it the activation '${activation}', or the loss fromLogits: ${call(loss)}.`;
}

function off([low, high]: Range): string {
  if (!(low < 0)) return 'numbers above 1';
  return high > 1 ? 'any numbers' : 'negative numbers';
}

function call({ kind }: LossDescription): string {
  return `losses.${kind}({ fromLogits: true })`;
}
