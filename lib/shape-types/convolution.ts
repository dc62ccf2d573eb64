import type { SampleShape } from '../tensor/shapes.js';
import type { Add, Divide, IsLess, Multiply, Remainder, Subtract } from './arithmetic.js';
import type { Option, Pair, Size } from './options.js';
import type { Image, Misfit, Sequence, Weighted } from './shapes.js';
import type { Convolve1D, Convolve2D, Extent } from './windows.js';

export type Conv2DShape<O, Input extends SampleShape> =
  Filters<'conv2d', O, Channels<'conv2d', Input>> extends infer Found
    ? Found extends Misfit<string>
      ? Found
      : Weighted<'conv2d', Input, Convolve2D<'conv2d', O, Input, Found>>
    : never;

export type Conv1DShape<O, Input extends SampleShape> =
  Filters<'conv1d', O, SequenceChannels<Input>> extends infer Found
    ? Found extends Misfit<string>
      ? Found
      : Weighted<'conv1d', Input, Convolve1D<O, Input, Found>>
    : never;

/** The option `filters`, or a misfit unless the option `groups` divides it and the channels. */
type Filters<Layer extends string, O, Depth> =
  Ungrouped<Layer, 'filters', Size<Option<O, 'filters'>>, Size<Option<O, 'groups', 1>>> extends infer Found
    ? Found extends Misfit<string>
      ? Found
      : Ungrouped<Layer, 'channels', Depth, Size<Option<O, 'groups', 1>>> extends infer Misfitting extends
            Misfit<string>
        ? Misfitting
        : Found
    : never;

/** The number, if the groups divide it. */
type Ungrouped<Layer extends string, What extends string, N, Groups> =
  Remainder<N, Groups> extends infer Rest
    ? number extends Rest
      ? N
      : Rest extends 0
        ? N
        : Misfit<`${Layer}: ${N & number} ${What} can't be cut into ${Groups & number} groups of the same size`>
    : never;

type SequenceChannels<Input extends SampleShape> =
  Sequence<'conv1d', Input> extends readonly [unknown, infer C] ? C : number;

type Channels<Layer extends string, Input extends SampleShape> =
  Image<Layer, Input> extends readonly [unknown, unknown, infer C] ? C : number;

export type DepthwiseConv2DShape<O, Input extends SampleShape> = Weighted<
  'depthwiseConv2d',
  Input,
  Convolve2D<
    'depthwiseConv2d',
    O,
    Input,
    Multiply<Channels<'depthwiseConv2d', Input>, Size<Option<O, 'depthMultiplier', 1>>>
  >
>;

export type SeparableConv2DShape<O, Input extends SampleShape> = Weighted<
  'separableConv2d',
  Input,
  Convolve2D<'separableConv2d', O, Input, Size<Option<O, 'filters'>>>
>;

export type Conv2DTransposeShape<O, Input extends SampleShape> = Weighted<
  'conv2dTranspose',
  Input,
  SpreadImage<O, Input>
>;

type SpreadImage<O, Input extends SampleShape> =
  Image<'conv2dTranspose', Input> extends infer Found
    ? Found extends readonly [infer Height, infer Width, unknown]
      ? [Spread<O, Height, 0>, Spread<O, Width, 1>] extends [
          infer Rows extends number | null,
          infer Columns extends number | null,
        ]
        ? [Rows, Columns, Size<Option<O, 'filters'>>]
        : Misfit<`conv2dTranspose: nothing comes out of ${Height & number}x${Width & number} cells`>
      : Found
    : never;

/** Cells of one axis: see Conv2DTranspose. Not a number if there would be none. */
type Spread<O, Cells, Axis extends 0 | 1> = SpreadAlong<
  Cells,
  Extent<Pair<Option<O, 'kernelSize'>>[Axis], Pair<Option<O, 'dilationRate', 1>>[Axis]>,
  Pair<Option<O, 'strides', 1>>[Axis],
  Option<O, 'padding', 'valid'>,
  'outputPadding' extends keyof O ? Pair<O['outputPadding']>[Axis] : 'usual'
>;

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
