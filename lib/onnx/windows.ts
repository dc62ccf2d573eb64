import { samePadding, windowExtent } from '../program/contracts/window.js';
import { cannot, invalid } from './context.js';
import type { OnnxNode } from './graph.js';
import type { Computed } from './values.js';

/** [before, after] of an axis. */
export type Pads = readonly [number, number];

/** How windows move over the spatial axes of an input. */
export interface Windows {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** 'same': as many as give ceil(input / stride) windows, an odd one after. */
  readonly pads: readonly Pads[] | 'same';
}

/** Reads the attributes of convolutions and poolings. `size` is a kernel's; else kernel_shape must tell. */
export function readWindows(node: OnnxNode, { dims }: Computed, given?: readonly number[]): Windows {
  const axes = dims.length - 2;
  const size = listOf(node, 'kernel_shape', axes, 1) ?? given;
  if (!size) return invalid('its kernel_shape is missing');
  if (given?.some((each, axis) => each !== size[axis]))
    invalid(`its kernel_shape is ${size.join('x')}, but its kernel is ${given.join('x')}`);
  const strides = listOf(node, 'strides', axes, 1) ?? size.map(() => 1);
  const dilations = listOf(node, 'dilations', axes, 1) ?? size.map(() => 1);
  const windows = { size, strides, dilations };
  return { ...windows, pads: readPads(node, dims.slice(2), windows) };
}

function listOf(node: OnnxNode, name: string, count: number, least: number): readonly number[] | undefined {
  const list = node.ints(name);
  if (!list) return undefined;
  const isValid = list.length === count && list.every((each) => Number.isSafeInteger(each) && each >= least);
  return isValid
    ? list
    : invalid(`its ${name} is [${list.join(', ')}]; it must have ${count} numbers from ${least} up`);
}

function readPads(
  node: OnnxNode,
  sizes: Computed['dims'],
  { size, strides, dilations }: Omit<Windows, 'pads'>,
): Windows['pads'] {
  const axes = size.length;
  const auto = node.string('auto_pad', 'NOTSET');
  if (auto === 'SAME_UPPER') return 'same';
  if (auto === 'SAME_LOWER') {
    return size.map((each, axis) => {
      const extent = windowExtent(each, dilations[axis]);
      const cells = sizes[axis];
      if (typeof cells !== 'number' && strides[axis] !== 1)
        return cannot("its auto_pad is SAME_LOWER, which needs sizes that the file's inputs leave open");
      const [before, after] = samePadding(typeof cells === 'number' ? cells : extent, extent, strides[axis]);
      return [after, before];
    });
  }
  if (auto !== 'NOTSET' && auto !== 'VALID' && auto !== '') return invalid(`its auto_pad is ${auto}`);
  const pads = auto === 'VALID' ? undefined : node.ints('pads');
  if (!pads) return size.map(() => [0, 0]);
  if (pads.length !== 2 * axes) invalid(`its pads are [${pads.join(', ')}]; there must be ${2 * axes}`);
  if (!pads.every((each) => Number.isSafeInteger(each) && each >= 0))
    cannot(`its pads are [${pads.join(', ')}]`);
  return size.map((_, axis) => [pads[axis], pads[axis + axes]]);
}

/** The padding of an image as layers take it. */
export function pairs([rows, columns]: readonly Pads[]): [Pads, Pads] {
  return [rows, columns];
}
