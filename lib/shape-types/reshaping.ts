import type { SampleShape } from '../tensor/shapes.js';
import type { Add, Differ, Divide, IsLess, Multiply, Remainder, Subtract } from './arithmetic.js';
import type { Option, Pair, Size } from './options.js';
import type { ElementCount, Image, IsOpen, Misfit, Refuse, Sequence, ShowShape } from './shapes.js';

export type ReshapeShape<C, Input extends SampleShape> =
  Option<C, 'targetShape'> extends infer Target
    ? Target extends readonly unknown[]
      ? number extends Target['length']
        ? SampleShape
        : FillTarget<Target, ElementCount<Input>, ElementCount<WithoutOpen<Target>>, Input>
      : SampleShape
    : never;

/** Leaves out -1 and null, which the other sizes determine. */
type WithoutOpen<Target extends readonly unknown[], Out extends unknown[] = []> = Target extends readonly [
  infer First,
  ...infer Rest,
]
  ? WithoutOpen<Rest, First extends -1 | null ? Out : [...Out, Size<First>]>
  : Out;

type FillTarget<
  Target extends readonly unknown[],
  Count,
  Known,
  Input extends SampleShape,
> = Target[number] extends infer Each
  ? (Extract<Each, -1 | null> extends never ? Differ<Count, Known> : HasRest<Count, Known>) extends true
    ? Misfit<`reshape: ${Count & number} elements of ${ShowShape<Input>} don't fit targetShape [${ShowList<Target>}]`>
    : { -readonly [Axis in keyof Target]: FillSize<Target[Axis], Divide<Count, Known>> }
  : never;

type FillSize<Given, Open> = [Given] extends [-1 | null] ? Open : Size<Given>;

type HasRest<Count, Known> =
  Remainder<Count, Known> extends infer Rest
    ? number extends Rest
      ? false
      : Rest extends 0
        ? false
        : true
    : never;

type ShowList<List extends readonly unknown[]> = List extends readonly [infer First, ...infer Rest]
  ? `${First & number}${Rest extends readonly [] ? '' : ', '}${ShowList<Rest>}`
  : '';

export type PermuteShape<C, Input extends SampleShape> =
  Option<C, 'dims'> extends infer Dims
    ? Dims extends readonly unknown[]
      ? number extends Dims['length']
        ? SampleShape
        : IsOpen<Input> extends true
          ? { -readonly [Axis in keyof Dims]: number }
          : Dims['length'] extends Input['length']
            ? { -readonly [Axis in keyof Dims]: SizeAt<[never, ...Input], Dims[Axis]> }
            : Misfit<`permute: the input is ${ShowShape<Input>}; dims [${ShowList<Dims>}] must have one for each axis`>
      : SampleShape
    : never;

type SizeAt<List extends readonly unknown[], Index> = Index extends keyof List ? List[Index] : number;

/** The number of pixels added or removed at both ends of each axis. */
type EdgeSums<V> = [V] extends [number]
  ? [Multiply<2, Size<V>>, Multiply<2, Size<V>>]
  : [V] extends [readonly [infer A, infer B]]
    ? [EdgeSum<A>, EdgeSum<B>]
    : [number, number];

/** The sum of [before, after], or of one number for both. */
type EdgeSum<V> = [V] extends [readonly [infer Before, infer After]]
  ? Add<Size<Before>, Size<After>>
  : Multiply<2, Size<V>>;

export type ZeroPadding2DShape<C, Input extends SampleShape> =
  Image<'zeroPadding2d', Input> extends infer Found
    ? Found extends readonly [infer H, infer W, infer Channels]
      ? EdgeSums<Option<C, 'padding'>> extends [infer Rows, infer Columns]
        ? [Add<H, Rows>, Add<W, Columns>, Channels]
        : never
      : Found
    : never;

export type ZeroPadding1DShape<C, Input extends SampleShape> =
  Sequence<'zeroPadding1d', Input> extends infer Found
    ? Found extends readonly [infer Steps, infer Channels]
      ? [Add<Steps, EdgeSum<Option<C, 'padding'>>>, Channels]
      : Found
    : never;

export type Cropping2DShape<C, Input extends SampleShape> =
  Image<'cropping2D', Input> extends infer Found
    ? Found extends readonly [infer H, infer W, infer Channels]
      ? EdgeSums<Option<C, 'cropping'>> extends [infer Rows, infer Columns]
        ? CropAll<'cropping2D', [Crop<H, Rows>, Crop<W, Columns>], Channels, Input>
        : never
      : Found
    : never;

export type Cropping1DShape<C, Input extends SampleShape> =
  Sequence<'cropping1D', Input> extends infer Found
    ? Found extends readonly [infer Steps, infer Channels]
      ? CropAll<'cropping1D', [Crop<Steps, EdgeSum<Option<C, 'cropping'>>>], Channels, Input>
      : Found
    : never;

type Crop<Cells, Edges> =
  Subtract<Cells, Edges> extends infer Left
    ? Left extends null
      ? Left
      : Left extends 0 | 'negative'
        ? 'nothing'
        : Left
    : never;

type CropAll<
  Layer extends string,
  Left extends readonly unknown[],
  Channels,
  Input extends SampleShape,
> = 'nothing' extends Left[number]
  ? Misfit<`${Layer}: cropping ${ShowShape<Input>} leaves nothing; crop less`>
  : [...Left, Channels];

export type SpaceToDepthShape<C, Input extends SampleShape, Block = Size<Option<C, 'blockSize'>>> =
  Image<'spaceToDepth', Input> extends infer Found
    ? Found extends readonly [infer H, infer W, infer Channels]
      ? true extends IsPart<H, Block> | IsPart<W, Block>
        ? Misfit<`spaceToDepth: height and width of ${ShowShape<Input>} must be multiples of ${Block & number}`>
        : [Divide<H, Block>, Divide<W, Block>, Multiply<Channels, Multiply<Block, Block>>]
      : Found
    : never;

export type DepthToSpaceShape<C, Input extends SampleShape, Block = Size<Option<C, 'blockSize'>>> =
  Image<'depthToSpace', Input> extends infer Found
    ? Found extends readonly [infer H, infer W, infer Channels]
      ? true extends IsPart<Channels, Multiply<Block, Block>>
        ? Misfit<`depthToSpace: channels of ${ShowShape<Input>} must be a multiple of ${Multiply<Block, Block> & number}`>
        : [Multiply<H, Block>, Multiply<W, Block>, Divide<Channels, Multiply<Block, Block>>]
      : Found
    : never;

/** Whether a size isn't a multiple of another; false where either isn't known. */
type IsPart<Cells, Block> = Cells extends null ? false : HasRest<Cells, Block>;

export type CenterCropShape<C, Input extends SampleShape> =
  Image<'centerCrop', Input> extends infer Found
    ? Found extends readonly [infer H, infer W, infer Channels]
      ? true extends IsLess<H, Size<Option<C, 'height'>>> | IsLess<W, Size<Option<C, 'width'>>>
        ? Misfit<`centerCrop: images of ${ShowShape<Input>} are smaller than the crop of ${ShowShape<
            [Size<Option<C, 'height'>>, Size<Option<C, 'width'>>]
          >}`>
        : [Size<Option<C, 'height'>>, Size<Option<C, 'width'>>, Channels]
      : Found
    : never;

/** The shape after layers that resize images of any size to one size. */
export type ResizedShape<Layer extends string, C, Input extends SampleShape> =
  Image<Layer, Input> extends infer Found
    ? Found extends readonly [unknown, unknown, infer Channels]
      ? [Size<Option<C, 'height'>>, Size<Option<C, 'width'>>, Channels]
      : Found
    : never;

export type UpSampling2DShape<C, Input extends SampleShape> =
  Image<'upSampling2d', Input> extends infer Found
    ? Found extends readonly [infer H, infer W, infer Channels]
      ? Pair<Option<C, 'size'>> extends [infer Rows, infer Columns]
        ? [Multiply<H, Rows>, Multiply<W, Columns>, Channels]
        : never
      : Found
    : never;

export type RepeatVectorShape<C, Input extends SampleShape> = Input extends readonly [infer Features]
  ? [Size<Option<C, 'n'>>, Features]
  : Refuse<Input, `repeatVector: the input is ${ShowShape<Input>}; it must be a vector`>;
