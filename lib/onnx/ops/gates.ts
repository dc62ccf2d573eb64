import { numberOf } from '../constants.js';
import { Activation } from '../../layers/activation/activation.js';
import type { ActivationIdentifier } from '../../layers/activation/applied.js';
import { sizeOf } from '../../tensor/shapes.js';
import type { Use } from '../context.js';
import { computed, type Value } from '../values.js';

/*
 * Products that are one activation, which is one pass over the values instead of several.
 */

/** A product of x and what is made of x alone. Undefined if the node is none. */
export function gate(use: Use): Value | undefined {
  const { node } = use;
  if (node.op !== 'Mul' || node.inputs.length !== 2) return undefined;
  const gelu = geluInput(use);
  if (gelu !== undefined) return activated(use, gelu, 'gelu');
  for (const [i, name] of node.inputs.entries()) {
    const activation = gateOf(use, node.inputs[1 - i], name);
    if (activation) return activated(use, name, activation);
  }
  return undefined;
}

/** x * sigmoid(x) is silu, and hardSwish with the straight sigmoid of slope 1/6. */
function gateOf({ context }: Use, name: string, x: string): ActivationIdentifier | undefined {
  const maker = context.makers.get(name);
  if (maker?.inputs[0] !== x) return undefined;
  if (maker.op === 'Sigmoid') return 'silu';
  const isSixth = maker.op === 'HardSigmoid' && isNear(maker.float('alpha', 0.2), 1 / 6);
  return isSixth && maker.float('beta', 0.5) === 0.5 ? 'hardSwish' : undefined;
}

/** The x of x * (1 + erf(x / sqrt(2))) / 2, however the factors are ordered. */
function geluInput(use: Use): string | undefined {
  const { names, scale } = factorsOf(use);
  if (names.length !== 2 || !isNear(scale, 0.5)) return undefined;
  const [a, b] = names;
  if (erfInput(use, b) === a) return a;
  return erfInput(use, a) === b ? b : undefined;
}

/** The factors of a product of up to three, numbers apart. */
function factorsOf(use: Use): { names: string[]; scale: number } {
  const names: string[] = [];
  let scale = 1;
  const visit = (inputs: readonly string[], levels: number) => {
    for (const name of inputs) {
      const number = numberAt(use, name);
      const maker = use.context.makers.get(name);
      if (number !== undefined) scale *= number;
      else if (maker?.op === 'Mul' && levels > 0 && maker.inputs.length === 2)
        visit(maker.inputs, levels - 1);
      else names.push(name);
    }
  };
  visit(use.node.inputs, 1);
  return { names, scale };
}

/** The x of 1 + erf(x / sqrt(2)). */
function erfInput(use: Use, name: string): string | undefined {
  const erf = besideNumber(use, name, 'Add', 1);
  const maker = erf === undefined ? undefined : use.context.makers.get(erf);
  if (maker?.op !== 'Erf') return undefined;
  const [scaled] = maker.inputs;
  const divided = use.context.makers.get(scaled);
  if (divided?.op === 'Div' && isNear(numberAt(use, divided.inputs[1]), Math.SQRT2)) return divided.inputs[0];
  return besideNumber(use, scaled, 'Mul', Math.SQRT1_2);
}

/** The other input of a node that takes this number. */
function besideNumber(use: Use, name: string, op: string, number: number): string | undefined {
  const maker = use.context.makers.get(name);
  if (maker?.op !== op || maker.inputs.length !== 2) return undefined;
  const at = maker.inputs.findIndex((input) => isNear(numberAt(use, input), number));
  return at < 0 ? undefined : maker.inputs[1 - at];
}

function numberAt({ context }: Use, name: string): number | undefined {
  const value = context.value(name);
  if (value?.kind !== 'constant' || sizeOf(value.shape) !== 1 || !value.isKnown) return undefined;
  return value.shape.length <= 1 ? numberOf(value.elements[0]) : undefined;
}

/** Equal in half precision, in which files may have such numbers. */
function isNear(a: number | undefined, b: number): boolean {
  return a !== undefined && Math.abs(a - b) < 1e-3 * Math.abs(b);
}

function activated(
  { context, node }: Use,
  name: string,
  activation: ActivationIdentifier,
): Value | undefined {
  const value = context.value(name);
  if (!value || value.kind === 'constant') return undefined;
  const from = value.kind === 'flattened' ? value.from : value;
  const tensor = context.apply((own) => new Activation({ name: own, activation }), node.name, from.tensor);
  const made = computed(tensor, from.order, from.dims);
  return value.kind === 'flattened' ? { ...value, from: made } : made;
}
