import { ConvforgeError, type ErrorCode } from '../../errors.js';
import type { NodeDescription, Shape } from '../description.js';

/** Values and parameters have fewer elements than this, so that an index fits in 32 bits with its sign. */
const MAX_ELEMENTS = 2 ** 31 - 1;

export function fail(node: NodeDescription, code: ErrorCode, message: string): never {
  throw new ConvforgeError(code, `${node.name}: ${message}`, { layer: node.name });
}

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** INVALID_ARGUMENT unless all sizes are whole numbers from 1 up; TOO_LARGE if their product is. */
export function checkShape(node: NodeDescription, shape: Shape, what: string): void {
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    fail(node, 'INVALID_ARGUMENT', `${what} has shape ${show(shape)}; sizes are whole numbers from 1 up.`);
  }
  if (elementCount(shape) > MAX_ELEMENTS) {
    fail(node, 'TOO_LARGE', `${what} of shape ${show(shape)} has more than ${MAX_ELEMENTS} elements.`);
  }
}

export function show(shape: unknown): string {
  return Array.isArray(shape) ? `[${shape.join(', ')}]` : String(shape);
}

/** INVALID_ARGUMENT unless the node has all of these attributes, maybe the optional ones, and no others. */
export function checkAttributes(
  node: NodeDescription,
  names: readonly string[],
  optional: readonly string[] = [],
): void {
  const given = Object.keys(node.attributes);
  const known = [...names, ...optional];
  if (!names.every((name) => given.includes(name)) || !given.every((name) => known.includes(name))) {
    fail(
      node,
      'INVALID_ARGUMENT',
      `${node.op} takes the attributes [${known.join(', ')}], not [${given.join(', ')}].`,
    );
  }
}

export function finiteNumber(node: NodeDescription, name: string): number {
  const value = node.attributes[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be a finite number.`);
  }
  return value;
}

/** A list of `count` whole numbers from `minimum` up. */
export function wholeNumbers(node: NodeDescription, name: string, count: number, minimum: number): number[] {
  const value = node.attributes[name];
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
  const value = node.attributes[name];
  if (!Number.isSafeInteger(value) || (value as number) < minimum) {
    fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be a whole number from ${minimum} up.`);
  }
  return value as number;
}

export function oneOf(node: NodeDescription, name: string, choices: readonly string[]): string {
  const value = node.attributes[name];
  if (typeof value !== 'string' || !choices.includes(value)) {
    fail(node, 'UNSUPPORTED', `${node.op} has no ${name} '${value}'; it can be ${choices.join(', ')}.`);
  }
  return value;
}

export function checkNoParameters(node: NodeDescription): void {
  if (node.parameters.length > 0) {
    fail(
      node,
      'INVALID_ARGUMENT',
      `${node.op} has no parameters, but ${node.parameters.length} are described.`,
    );
  }
}

/** The shape of a kernel of this rank, which may be followed by a bias with an element per output channel (its last axis). */
export function kernelShape(node: NodeDescription, rank: number): Shape {
  const names = node.parameters.map((parameter) => parameter.name).join(', ');
  if (names !== 'kernel' && names !== 'kernel, bias') {
    fail(
      node,
      'INVALID_ARGUMENT',
      `${node.op} takes the parameters [kernel] or [kernel, bias], not [${names}].`,
    );
  }
  const [kernel, bias] = node.parameters;
  for (const parameter of node.parameters) checkShape(node, parameter.shape, parameter.name);
  if (kernel.shape.length !== rank) {
    fail(node, 'SHAPE_MISMATCH', `the kernel has shape ${show(kernel.shape)}; it must have ${rank} axes.`);
  }
  const channels = kernel.shape[rank - 1];
  if (bias && !sameShape(bias.shape, [channels])) {
    fail(node, 'SHAPE_MISMATCH', `the bias has shape ${show(bias.shape)}; its kernel needs [${channels}].`);
  }
  return kernel.shape;
}
