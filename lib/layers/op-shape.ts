import type { OptionChecks } from '../options.js';
import { outputShapes } from '../program/contracts/index.js';
import type { AttributesOf, OpName, Shape } from '../program/description.js';

/**
 * Infers an op's output shape by its contract. `parameters` are the shapes of the op's parameters. Throws
 * what the contract throws, in the layer's name.
 */
export function opShape<Op extends OpName>(
  checks: OptionChecks,
  op: Op,
  inputs: readonly Shape[],
  attributes: AttributesOf<Op>,
  parameters: Readonly<Record<string, Shape>> = {},
): Shape {
  const fail = (code: 'INVALID_ARGUMENT' | 'SHAPE_MISMATCH', message: string) => checks.fail(code, message);
  return outputShapes(op, { attributes, inputs, parameters, fail })[0];
}
