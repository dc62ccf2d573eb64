import type { KernelShape } from '../support/kernel-shapes.js';

/** A shape as the servers read it: the name, a bar, the op and the shape's fields in their order. */
export function kernelLine(shape: KernelShape): string {
  const { op, name, ...fields } = shape;
  return `${name}|${[op, ...Object.values(fields)].join(' ')}`;
}

export function nameOf(line: string): string {
  return line.slice(0, line.indexOf('|'));
}

/** The shapes whose name has the text. Throws if there are none. */
export function selectShapes(shapes: readonly KernelShape[], text: string): KernelShape[] {
  const selected = shapes.filter(({ name }) => name.includes(text));
  if (selected.length === 0) {
    const names = shapes.map(({ name }) => `  ${name}`).join('\n');
    throw new Error(`--only ${text}: no shape has this text in its name. There are\n${names}`);
  }
  return selected;
}
