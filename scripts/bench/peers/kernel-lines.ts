import type { KernelShape } from '../support/kernel-shapes.js';

/** A shape as the servers read it: the name, a bar, the op and the shape's fields in their order. */
export function kernelLine(shape: KernelShape): string {
  const { op, name, ...fields } = shape;
  return `${name}|${[op, ...Object.values(fields)].join(' ')}`;
}

export function nameOf(line: string): string {
  return line.slice(0, line.indexOf('|'));
}
