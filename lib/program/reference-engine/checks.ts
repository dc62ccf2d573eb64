import { ConvforgeError, type ErrorCode } from '../../errors.js';
import type { AnyContract } from '../contracts/index.js';
import type { NodeDescription, Shape } from '../description.js';
import { showShape, sizeOf } from '../../tensor/shapes.js';

export { sameShape, sizeOf as elementCount } from '../../tensor/shapes.js';

/** Limit of the elements of values and parameters, so that an index fits in 32 bits with its sign. */
const MAX_ELEMENTS = 2 ** 31 - 1;

export function fail(node: NodeDescription, code: ErrorCode, message: string): never {
  throw new ConvforgeError(code, `${node.name}: ${message}`, { layer: node.name });
}

/**
 * Throws INVALID_ARGUMENT unless all sizes are whole numbers from 1 up, and TOO_LARGE if their product is too
 * large.
 */
export function checkShape(node: NodeDescription, shape: Shape, what: string): void {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    fail(node, 'INVALID_ARGUMENT', `${what} has shape ${show(shape)}; sizes are whole numbers from 1 up.`);
  }
  if (sizeOf(shape) > MAX_ELEMENTS) {
    fail(node, 'TOO_LARGE', `${what} of shape ${show(shape)} has more than ${MAX_ELEMENTS} elements.`);
  }
}

export function show(shape: unknown): string {
  return Array.isArray(shape) ? showShape(shape) : String(shape);
}

/** Throws INVALID_ARGUMENT unless the node has all required attributes and no unknown ones. */
export function checkAttributes(node: NodeDescription, known: AnyContract['attributes']): void {
  const names = Object.keys(node.attributes);
  const isMissing = Object.keys(known).some((name) => known[name] === 'required' && !names.includes(name));
  if (isMissing || !names.every((name) => Object.hasOwn(known, name))) {
    const all = Object.keys(known).join(', ');
    fail(node, 'INVALID_ARGUMENT', `${node.op} takes the attributes [${all}], not [${names.join(', ')}].`);
  }
}

/** An attribute of a node, of any type. */
function given({ attributes }: NodeDescription, name: string): unknown {
  return (attributes as Readonly<Record<string, unknown>>)[name];
}

export function finiteNumber(node: NodeDescription, name: string): number {
  const value = given(node, name);
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be a finite number.`);
  }
  return value;
}

/** Reads a list of `count` whole numbers from `minimum` up. */
export function wholeNumbers(node: NodeDescription, name: string, count: number, minimum: number): number[] {
  const value = given(node, name);
  const fits =
    Array.isArray(value) &&
    value.length === count &&
    value.every((item) => Number.isSafeInteger(item) && item >= minimum);
  if (!fits) {
    fail(
      node,
      'INVALID_ARGUMENT',
      `${name} is ${show(value)}; it must be ${count} whole numbers from ${minimum} up.`,
    );
  }
  return value as number[];
}

export function wholeNumber(node: NodeDescription, name: string, minimum: number): number {
  const value = given(node, name);
  if (!Number.isSafeInteger(value) || (value as number) < minimum) {
    fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be a whole number from ${minimum} up.`);
  }
  return value as number;
}

export function oneOf(node: NodeDescription, name: string, choices: readonly string[]): string {
  const value = given(node, name);
  if (typeof value !== 'string' || !choices.includes(value)) {
    fail(node, 'UNSUPPORTED', `${node.op} has no ${name} '${value}'; it can be ${choices.join(', ')}.`);
  }
  return value;
}

/** Throws INVALID_ARGUMENT unless the attribute is true, false or missing. */
export function checkFlag(node: NodeDescription, name: string): void {
  const value = given(node, name) ?? false;
  if (typeof value !== 'boolean')
    fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be true or false.`);
}

/** Throws INVALID_ARGUMENT unless the parameters are the contract's, in order. */
export function checkParameters(node: NodeDescription, contract: AnyContract): void {
  const names = node.parameters.map(({ name }) => name);
  const known = Object.keys(contract.parameters);
  const expected = known.filter((name) => contract.parameters[name] === 'required' || names.includes(name));
  if (names.join() !== expected.join()) {
    const takes = known.length === 0 ? 'has no parameters' : `takes the parameters [${expected.join(', ')}]`;
    fail(node, 'INVALID_ARGUMENT', `${node.op} ${takes}, not [${names.join(', ')}].`);
  }
  for (const { name, shape } of node.parameters) checkShape(node, shape, name);
}
