import type { SampleShape } from '../tensor/shapes.js';
import type { Add, Divide, IsLess, Multiply, Remainder, Subtract } from './arithmetic.js';
import type { Option, Pair, Size } from './options.js';
import type { Image, Misfit, Sequence, Weighted } from './shapes.js';
import type { Convolve1D, Convolve2D, Extent } from './windows.js';

export type Conv2DShape<C, Input extends SampleShape> =
  Filters<'conv2d', C, Channels<'conv2d', Input>> extends infer Found
    ? Found extends Misfit<string>
      ? Found
      : Weighted<'conv2d', Input, Convolve2D<'conv2d', C, Input, Found>>
    : never;

export type Conv1DShape<C, Input extends SampleShape> =
  Filters<'conv1d', C, SequenceChannels<Input>> extends infer Found
    ? Found extends Misfit<string>
      ? Found
      : Weighted<'conv1d', Input, Convolve1D<C, Input, Found>>
    : never;

/** The option `filters`, or a misfit unless `groups` divides it and the channels. */
type Filters<Layer extends string, C, Depth> =
  Ungrouped<Layer, 'filters', Size<Option<C, 'filters'>>, Size<Option<C, 'groups'>>> extends infer Found
    ? Found extends Misfit<string>
      ? Found
      : Ungrouped<Layer, 'channels', Depth, Size<Option<C, 'groups'>>> extends infer Misfitting extends
            Misfit<string>
        ? Misfitting
        : Found
    : never;

/** N, or a misfit unless `Groups` divides it. */
type Ungrouped<Layer extends string, What extends string, N, Groups> =
  Remainder<N, Groups> extends infer Rest
    ? number extends Rest
      ? N
      : Rest extends 0
        ? N
        : Misfit<`${Layer}: ${N & number} ${What} can't be divided into ${Groups & number} groups of equal size`>
    : never;

type SequenceChannels<Input extends SampleShape> =
  Sequence<'conv1d', Input> extends readonly [unknown, infer C] ? C : number;

type Channels<Layer extends string, Input extends SampleShape> =
  Image<Layer, Input> extends readonly [unknown, unknown, infer C] ? C : number;

export type DepthwiseConv2DShape<C, Input extends SampleShape> = Weighted<
  'depthwiseConv2d',
  Input,
  Convolve2D<
    'depthwiseConv2d',
    C,
    Input,
    Multiply<Channels<'depthwiseConv2d', Input>, Size<Option<C, 'depthMultiplier'>>>
  >
>;

export type SeparableConv2DShape<C, Input extends SampleShape> = Weighted<
  'separableConv2d',
  Input,
  Convolve2D<'separableConv2d', C, Input, Size<Option<C, 'filters'>>>
>;

export type Conv2DTransposeShape<C, Input extends SampleShape> = Weighted<
  'conv2dTranspose',
  Input,
  SpreadImage<C, Input>
>;

type SpreadImage<C, Input extends SampleShape> =
  Image<'conv2dTranspose', Input> extends infer Found
    ? Found extends readonly [infer Height, infer Width, unknown]
      ? [Spread<C, Height, 0>, Spread<C, Width, 1>] extends [
          infer Rows extends number | null,
          infer Columns extends number | null,
        ]
        ? [Rows, Columns, Size<Option<C, 'filters'>>]
        : Misfit<`conv2dTranspose: an input of ${Height & number}x${Width & number} cells gives an empty output`>
      : Found
    : never;

/** The output size of one axis: see Conv2DTranspose. Not a number if it would be 0. */
type Spread<C, Cells, Axis extends 0 | 1> = SpreadAlong<
  Cells,
  Extent<Pair<Option<C, 'kernelSize'>>[Axis], Pair<Option<C, 'dilationRate'>>[Axis]>,
  Pair<Option<C, 'strides'>>[Axis],
  Option<C, 'padding'>,
  MorePadding<Option<C, 'outputPadding'>, Axis>
>;

type MorePadding<Given, Axis extends 0 | 1> = [Given] extends [undefined] ? 'usual' : Pair<Given>[Axis];

type SpreadAlong<Cells, K, Stride, Padding, More> = [Padding] extends ['valid' | 'same']
  ? 'valid' | 'same' extends Padding
    ? number
    : More extends 'usual'
      ? Padding extends 'same'
        ? Multiply<Cells, Stride>
        : Add<Multiply<Cells, Stride>, IsLess<K, Stride> extends true ? 0 : Subtract<K, Stride>>
      : AtLeastOne<
          Subtract<
            Add<Add<Multiply<Subtract<Cells, 1>, Stride>, K>, More>,
            Padding extends 'same' ? Multiply<2, Divide<K, 2>> : 0
          >
        >
  : number;

type AtLeastOne<N> = N extends 0 ? 'none' : N;
