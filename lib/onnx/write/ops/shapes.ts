import type { Shape } from '../../../program/description.js';
import { sameShape } from '../../../tensor/shapes.js';
import { firstAxes } from '../graph.js';
import type { NodeWriter } from '../node.js';

export function reshape(writer: NodeWriter<'reshape'>): void {
  const { variants } = writer;
  if (variants.every(({ inputs: [from], output }) => sameShape(from, output))) writer.pass();
  else if (writer.isFirst && variants.every(keepsChannels)) {
    // Each channel keeps its elements in order, so the channels may stay first.
    const sizes = targetSizes(writer, (shape) => firstAxes(shape.length).map((axis) => shape[axis]));
    writer.giveFirst(writer.add('Reshape', [writer.first(), writer.ints(sizes)]));
  } else {
    const sizes = targetSizes(writer, (shape) => shape);
    writer.give(writer.add('Reshape', [writer.last(), writer.ints(sizes)]));
  }
}

function keepsChannels({ inputs: [from], output }: { inputs: readonly Shape[]; output: Shape }): boolean {
  return output.length > 0 && from.at(-1) === output.at(-1);
}

/**
 * What Reshape takes as sizes: 0 for the batch and for open sizes that the input has in the same place, -1 for
 * another open one.
 */
function targetSizes(writer: NodeWriter<'reshape'>, arrange: (shape: Shape) => Shape): number[] {
  const targets = writer.variants.map(({ output }) => arrange(output));
  const sources = writer.variants.map(({ inputs: [from] }) => arrange(from));
  const sizes = targets[0].map((size, axis) => {
    if (targets.every((target) => target[axis] === size)) return size;
    return targets.every((target, i) => target[axis] === sources[i][axis]) ? 0 : -1;
  });
  return sizes.filter((size) => size === -1).length > 1 ? writer.failOpen() : [0, ...sizes];
}

export function permute(writer: NodeWriter<'permute'>): void {
  const { axes: permutation } = writer.attributes;
  writer.pass((axes) => axes.map((axis) => permutation.indexOf(axis)));
}

export function fold(writer: NodeWriter<'fold'>): void {
  writer.give(regrouped(writer as NodeWriter, [-1], 2));
}

export function unfold(writer: NodeWriter<'unfold'>): void {
  writer.give(regrouped(writer as NodeWriter, [-1, writer.attributes.steps], 1));
}

/** Reshapes the input: its axes from `start` on stay, the batch included; these sizes replace the others. */
function regrouped(writer: NodeWriter, sizes: readonly number[], start: number): string {
  const x = writer.last();
  const kept = writer.common(({ inputs: [shape] }) => shape.slice(start - 1));
  if (kept) return writer.add('Reshape', [x, writer.ints([...sizes, ...kept])]);
  const shape = writer.add('Concat', [writer.ints(sizes), writer.add('Shape', [x], { start })], { axis: 0 });
  return writer.add('Reshape', [x, shape]);
}

export function concatenate(writer: NodeWriter<'concatenate'>): void {
  const { names, axes } = writer.alike();
  writer.give(writer.add('Concat', names, { axis: axes.indexOf(writer.attributes.axis) + 1 }), axes);
}

export function split(writer: NodeWriter<'split'>): void {
  const { axis, sizes } = writer.attributes;
  const { names, axes } = writer.alike();
  const parts = writer.addSeveral('Split', [names[0], writer.ints(sizes)], { axis: axes.indexOf(axis) + 1 });
  for (const [i, part] of parts.entries()) writer.give(part, axes, i);
}

/** Ops that repeat axes of size 1 themselves in ONNX. */
const REPEATING: ReadonlySet<string> = new Set(['add', 'merge']);

export function broadcast(writer: NodeWriter<'broadcast'>): void {
  const { nodes, isOutput } = writer.uses;
  const repeats = (index: number) => {
    const user = writer.other(index);
    return REPEATING.has(user.node.op) && isCovered(user);
  };
  if (!isOutput && nodes.every(repeats)) writer.pass();
  else expand(writer);
}

function expand(writer: NodeWriter<'broadcast'>): void {
  const { names, axes } = writer.alike();
  const sizes = axes.map((axis) => {
    const isRepeated = writer.variants.some(({ inputs: [from], output }) => from[axis] !== output[axis]);
    return isRepeated ? (writer.common(({ output }) => output[axis]) ?? writer.failOpen()) : 1;
  });
  writer.give(writer.add('Expand', [names[0], writer.ints([1, ...sizes])]), axes);
}

/** Whether each size of the output is that of some input before it is repeated. */
function isCovered(user: NodeWriter): boolean {
  const shapes = user.node.inputs.map((input, place) => {
    const source = typeof input === 'number' ? user.other(input) : undefined;
    return source?.node.op === 'broadcast'
      ? source.variants.map(({ inputs }) => inputs[0])
      : user.variants.map(({ inputs }) => inputs[place]);
  });
  return user.variants.every(({ output }, i) =>
    output.every((size, axis) => shapes.some((shape) => shape[i][axis] === size)),
  );
}
