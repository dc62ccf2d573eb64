/** A convolution with a square window and `pad` on all sides. */
export interface ConvShape {
  op: 'conv';
  name: string;
  batch: number;
  height: number;
  width: number;
  inputs: number;
  outputs: number;
  size: number;
  stride: number;
  pad: number;
  dilation: number;
  groups: number;
}

export interface DenseShape {
  op: 'dense';
  name: string;
  batch: number;
  inputs: number;
  units: number;
}

/** Pooling with a square window and no padding. */
export interface PoolShape {
  op: 'pool';
  name: string;
  kind: 'max' | 'average';
  batch: number;
  height: number;
  width: number;
  channels: number;
  size: number;
  stride: number;
}

export type KernelShape = ConvShape | DenseShape | PoolShape;

/** The shapes that all benchmarks of kernels measure. */
export const KERNEL_SHAPES: readonly KernelShape[] = [
  conv('conv 3x3 64->64, 32x32, b64', [64, 32, 32, 64], 64, 3, { pad: 1 }),
  conv('conv 3x3/2 128->256, 16x16, b64', [64, 16, 16, 128], 256, 3, { stride: 2, pad: 1 }),
  conv('conv 1x1 256->64, 32x32, b32', [32, 32, 32, 256], 64, 1),
  conv('conv 7x7/2 3->64, 112x112, b16', [16, 112, 112, 3], 64, 7, { stride: 2, pad: 3 }),
  conv('conv 5x5 1->32, 28x28, b128', [128, 28, 28, 1], 32, 5),
  conv('conv 5x5 32->64, 12x12, b128', [128, 12, 12, 32], 64, 5),
  conv('conv 3x3 3->20, 17x13, b32', [32, 17, 13, 3], 20, 3, { pad: 1 }),
  conv('conv 3x3 31->33, 17x13, b32', [32, 17, 13, 31], 33, 3, { pad: 1 }),
  conv('conv 3x3 64->64 dilation 2, 32x32, b32', [32, 32, 32, 64], 64, 3, { pad: 2, dilation: 2 }),
  conv('conv 3x3 64->64 in 4 groups, 32x32, b32', [32, 32, 32, 64], 64, 3, { pad: 1, groups: 4 }),
  conv('depthwise 3x3 128 channels, 32x32, b64', [64, 32, 32, 128], 128, 3, { pad: 1, groups: 128 }),
  dense(128, 1024, 1000),
  dense(32, 4096, 4096),
  dense(1, 1024, 1000),
  pool('max', 2),
  pool('max', 3),
  pool('average', 2),
  pool('average', 3),
];

function conv(
  name: string,
  [batch, height, width, inputs]: [number, number, number, number],
  outputs: number,
  size: number,
  { stride = 1, pad = 0, dilation = 1, groups = 1 } = {},
): ConvShape {
  return { op: 'conv', name, batch, height, width, inputs, outputs, size, stride, pad, dilation, groups };
}

function dense(batch: number, inputs: number, units: number): DenseShape {
  return { op: 'dense', name: `dense ${batch}x${inputs}x${units}`, batch, inputs, units };
}

function pool(kind: PoolShape['kind'], size: number): PoolShape {
  const name = `${kind}-pool ${size}x${size}/2, 32x32x64, b64`;
  return { op: 'pool', name, kind, batch: 64, height: 32, width: 32, channels: 64, size, stride: 2 };
}
