import type { SampleShape } from '../tensor/shapes.js';
import type { Add, Divide, DivideUp, Multiply, Subtract } from './arithmetic.js';
import type { Option, Pair, Single, Size } from './options.js';
import type { Image, Misfit, Sequence, ShowShape } from './shapes.js';

/**
 * The output size of an axis: floor((I + pads - ((K - 1) * dilation + 1)) / stride) + 1, as in
 * layers/windows.ts. 'negative' if the window is larger than its padded input.
 */
type SlideAlong<Input, K, Stride, Dilation, Pads> = Pads extends 'same'
  ? DivideUp<Input, Stride>
  : Subtract<Add<Input, Pads>, Extent<K, Dilation>> extends infer Room
    ? 'negative' extends Room
      ? 'negative'
      : Add<Divide<Room, Stride>, 1>
    : never;

/** The extent of a dilated kernel. */
export type Extent<K, Dilation> = Dilation extends 1 ? K : Add<Multiply<Subtract<K, 1>, Dilation>, 1>;

/** [vertical, horizontal] padding, both ends together; `number` if it isn't known. */
type Pads<Padding> = [Padding] extends ['valid']
  ? [0, 0]
  : [Padding] extends ['same']
    ? ['same', 'same']
    : [Padding] extends [readonly [readonly [infer Top, infer Bottom], readonly [infer Left, infer Right]]]
      ? [Add<Size<Top>, Size<Bottom>>, Add<Size<Left>, Size<Right>>]
      : [number, number];

/** The shape after windows over an image. `What` is "kernel" or "pool", for messages. */
export type SlideOverImage<
  Layer extends string,
  What extends string,
  Input extends SampleShape,
  K extends readonly [unknown, unknown],
  Strides extends readonly [unknown, unknown],
  Dilation extends readonly [unknown, unknown],
  Padding,
  Channels,
> =
  Image<Layer, Input> extends infer Found
    ? Found extends readonly [infer Height, infer Width, unknown]
      ? [
          SlideAlong<Height, K[0], Strides[0], Dilation[0], Pads<Padding>[0]>,
          SlideAlong<Width, K[1], Strides[1], Dilation[1], Pads<Padding>[1]>,
        ] extends [infer Rows extends number | null, infer Columns extends number | null]
        ? [Rows, Columns, Channels]
        : TooLarge<Layer, What, K, Dilation, Padding, Input>
      : Found
    : never;

/** The shape after windows over a sequence. `Padding` is a number of steps, or 'same'. */
type SlideOverSequence<
  Layer extends string,
  What extends string,
  Input extends SampleShape,
  K,
  Stride,
  Dilation,
  Padding,
  Channels,
> =
  Sequence<Layer, Input> extends infer Found
    ? Found extends readonly [infer Steps, infer Depth]
      ? SlideAlong<Steps, K, Stride, Dilation, Padding> extends infer Left extends number | null
        ? [Left, Channels extends 'kept' ? Depth : Channels]
        : TooLarge<Layer, What, [K], [Dilation], 'valid', Input>
      : Found
    : never;

type TooLarge<
  Layer extends string,
  What extends string,
  K extends readonly unknown[],
  Dilation extends readonly unknown[],
  Padding,
  Input extends SampleShape,
> = Misfit<`${Layer}: ${What} ${ShowShape<K>}${Dilated<Dilation>} is larger than its input ${ShowShape<Input>}${[
  Padding,
] extends ['valid']
  ? ''
  : ' with its padding'}`>;

type Dilated<Dilation extends readonly unknown[]> = [Dilation[number]] extends [1]
  ? ''
  : ` (dilated by ${ShowShape<Dilation>})`;

/** A 2D convolution with `Channels` outputs. */
export type Convolve2D<Layer extends string, C, Input extends SampleShape, Channels> = SlideOverImage<
  Layer,
  'kernel',
  Input,
  Pair<Option<C, 'kernelSize'>>,
  Pair<Option<C, 'strides'>>,
  Pair<Option<C, 'dilationRate'>>,
  Option<C, 'padding'>,
  Channels
>;

/** A 1D convolution with `Channels` outputs. */
export type Convolve1D<C, Input extends SampleShape, Channels> = SlideOverSequence<
  'conv1d',
  'kernel',
  Input,
  Single<Option<C, 'kernelSize'>>,
  Single<Option<C, 'strides'>>,
  Single<Option<C, 'dilationRate'>>,
  Pads1D<Option<C, 'padding'>, Single<Option<C, 'kernelSize'>>, Single<Option<C, 'dilationRate'>>>,
  Channels
>;

export type Pool2D<Layer extends string, C, Input extends SampleShape> = SlideOverImage<
  Layer,
  'pool',
  Input,
  Pair<Option<C, 'poolSize'>>,
  Pair<Option<C, 'strides'>>,
  [1, 1],
  Option<C, 'padding'>,
  Image<Layer, Input> extends readonly [unknown, unknown, infer Channels] ? Channels : number
>;

export type Pool1D<Layer extends string, C, Input extends SampleShape> = SlideOverSequence<
  Layer,
  'pool',
  Input,
  Single<Option<C, 'poolSize'>>,
  Single<Option<C, 'strides'>>,
  1,
  Pads1D<Option<C, 'padding'>, 1, 1>,
  'kept'
>;

/** 'causal' pads as many steps as the kernel reaches back. */
type Pads1D<Padding, K, Dilation> = [Padding] extends ['valid']
  ? 0
  : [Padding] extends ['same']
    ? 'same'
    : [Padding] extends ['causal']
      ? Subtract<Extent<K, Dilation>, 1>
      : number;
