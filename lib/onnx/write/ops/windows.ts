import { type Pair, samePadding, type Sides, windowExtent } from '../../../program/contracts/window.js';
import type { Shape } from '../../../program/description.js';
import type { WrittenAttribute } from '../graph.js';
import type { NodeWriter } from '../node.js';

/** Padding in ONNX's order: [top, left, bottom, right]. */
export function padsOf([top, bottom, left, right]: Sides): number[] {
  return [top, left, bottom, right];
}

/** The padding of windows, by numbers, or as "same" if the numbers depend on open sizes. */
export function padding(
  writer: NodeWriter<'conv2d'> | NodeWriter<'pool2d'>,
  size: Shape,
  dilation: Pair = [1, 1],
): Record<string, WrittenAttribute> {
  const variants: NodeWriter<'pool2d'>['variants'] = (writer as NodeWriter<'pool2d'>).variants;
  const pads = (writer as NodeWriter<'pool2d'>).common(({ attributes }) => attributes.padding);
  if (pads) return { pads: padsOf(pads) };
  const isSame = variants.every(({ attributes, inputs: [image] }) => {
    const same = [0, 1].flatMap((axis) =>
      samePadding(image[axis], windowExtent(size[axis], dilation[axis]), attributes.strides[axis]),
    );
    return same.join() === attributes.padding.join();
  });
  return isSame ? { auto_pad: 'SAME_UPPER' } : writer.failOpen();
}

export function conv2d(writer: NodeWriter<'conv2d'>): void {
  // The padding alone depends on sizes.
  const [{ attributes }] = writer.variants;
  const { strides, dilation, groups = 1 } = attributes;
  const size = kernelSize(writer);
  const given = [
    writer.first(),
    writer.parameter('kernel', undefined, [3, 2, 0, 1]),
    writer.parameter('bias'),
  ];
  const written = {
    kernel_shape: size,
    strides,
    ...padding(writer, size, dilation),
    dilations: dilation,
    group: groups,
  };
  writer.giveFirst(writer.add('Conv', given, written));
}

function kernelSize({ node }: NodeWriter<'conv2d'> | NodeWriter<'conv2dTranspose'>): Shape {
  return node.parameters.find(({ name }) => name === 'kernel')?.shape.slice(0, 2) ?? [];
}

export function conv2dTranspose(writer: NodeWriter<'conv2dTranspose'>): void {
  const size = kernelSize(writer);
  const common = writer.common(({ attributes, inputs: [image] }) => {
    const { strides, dilation, outputSize } = attributes;
    const pads = padsOf(attributes.padding);
    // What the strides of the convolution from the output back to the input leave over.
    const left = size.map((cells, axis) => {
      const reached = strides[axis] * (image[axis] - 1) + windowExtent(cells, dilation[axis]);
      return outputSize[axis] - (reached - pads[axis] - pads[axis + 2]);
    });
    return { kernel_shape: size, strides, pads, dilations: dilation, output_padding: left };
  });
  const given = [
    writer.first(),
    writer.parameter('kernel', undefined, [3, 2, 0, 1]),
    writer.parameter('bias'),
  ];
  writer.giveFirst(writer.add('ConvTranspose', given, common ?? writer.failOpen()));
}

export function spaceToDepth(writer: NodeWriter<'spaceToDepth'>): void {
  const { blockSize: blocksize, reverse = false } = writer.attributes;
  const x = writer.first();
  writer.giveFirst(
    reverse
      ? writer.add('DepthToSpace', [x], { blocksize, mode: 'DCR' })
      : writer.add('SpaceToDepth', [x], { blocksize }),
  );
}
