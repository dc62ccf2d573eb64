import type { SampleShape } from '../tensor/shapes.js';
import type { Remainder } from './arithmetic.js';
import type {
  Conv1DShape,
  Conv2DShape,
  Conv2DTransposeShape,
  DepthwiseConv2DShape,
  SeparableConv2DShape,
} from './convolution.js';
import type { ConcatenateShape, DotShape, MergeShape, SubtractShape } from './merging.js';
import type { Call, DefaultsIn, GivenInputShape, Option, Size } from './options.js';
import type {
  CenterCropShape,
  Cropping1DShape,
  Cropping2DShape,
  DepthToSpaceShape,
  PermuteShape,
  RepeatVectorShape,
  ReshapeShape,
  ResizedShape,
  SpaceToDepthShape,
  UpSampling2DShape,
  ZeroPadding1DShape,
  ZeroPadding2DShape,
} from './reshaping.js';
import type {
  ElementCount,
  Image,
  IsOpen,
  Misfit,
  Sequence,
  ShapesDiffer,
  ShowShape,
  Weighted,
} from './shapes.js';
import type { Pool1D, Pool2D } from './windows.js';

/**
 * The output shape of each layer of one input, for call `C`, which has its options, and an input of shape
 * `I`: a shape or a misfit. A row repeats what the layer's computeOutputShape does. If they differ,
 * computeOutputShape is right. Rows have the names of the factories in `layers`.
 */
export interface LayerRules<C, I extends SampleShape> {
  conv1d: Conv1DShape<C, I>;
  conv2d: Conv2DShape<C, I>;
  depthwiseConv2d: DepthwiseConv2DShape<C, I>;
  separableConv2d: SeparableConv2DShape<C, I>;
  conv2dTranspose: Conv2DTransposeShape<C, I>;
  maxPooling1d: Pool1D<'maxPooling1d', C, I>;
  averagePooling1d: Pool1D<'averagePooling1d', C, I>;
  sumPooling1d: Pool1D<'sumPooling1d', C, I>;
  maxPooling2d: Pool2D<'maxPooling2d', C, I>;
  averagePooling2d: Pool2D<'averagePooling2d', C, I>;
  sumPooling2d: Pool2D<'sumPooling2d', C, I>;
  globalMaxPooling1d: GlobalPool<C, Sequence<'globalMaxPooling1d', I>>;
  globalAveragePooling1d: GlobalPool<C, Sequence<'globalAveragePooling1d', I>>;
  globalMaxPooling2d: GlobalPool<C, Image<'globalMaxPooling2d', I>>;
  globalAveragePooling2d: GlobalPool<C, Image<'globalAveragePooling2d', I>>;
  dense: Weighted<'dense', I, DenseShape<C, I>>;
  embedding: IsOpen<I> extends true ? SampleShape : [...I, Size<Option<C, 'outputDim'>>];
  flatten: [ElementCount<I>];
  reshape: ReshapeShape<C, I>;
  permute: PermuteShape<C, I>;
  repeatVector: RepeatVectorShape<C, I>;
  zeroPadding1d: ZeroPadding1DShape<C, I>;
  zeroPadding2d: ZeroPadding2DShape<C, I>;
  cropping1D: Cropping1DShape<C, I>;
  cropping2D: Cropping2DShape<C, I>;
  centerCrop: CenterCropShape<C, I>;
  spaceToDepth: SpaceToDepthShape<C, I>;
  depthToSpace: DepthToSpaceShape<C, I>;
  resizing: ResizedShape<'resizing', C, I>;
  upSampling2d: UpSampling2DShape<C, I>;
  randomBrightness: Image<'randomBrightness', I>;
  randomContrast: Image<'randomContrast', I>;
  randomCrop: ResizedShape<'randomCrop', C, I>;
  randomFlip: Image<'randomFlip', I>;
  randomRotation: Image<'randomRotation', I>;
  randomTranslation: Image<'randomTranslation', I>;
  randomZoom: Image<'randomZoom', I>;
  spatialDropout1d: Sequence<'spatialDropout1d', I>;
  spatialDropout2d: Image<'spatialDropout2d', I>;
  groupNormalization: GroupNormalizationShape<I, Size<Option<C, 'groups'>>>;
  timeDistributed: TimeDistributedShape<C, I>;
  inputLayer: I;
  activation: I;
  elu: I;
  leakyReLU: I;
  prelu: I;
  reLU: I;
  softmax: I;
  thresholdedReLU: I;
  batchNormalization: Weighted<'batchNormalization', I, I>;
  layerNormalization: I;
  normalization: I;
  rescaling: I;
  dropout: I;
  alphaDropout: I;
  gaussianDropout: I;
  gaussianNoise: I;
}

/** The output shape of each layer that merges a list of values, of shapes `Inputs`. */
export interface MergeRules<C, Inputs extends readonly unknown[]> {
  add: MergeShape<'add', Inputs>;
  average: MergeShape<'average', Inputs>;
  maximum: MergeShape<'maximum', Inputs>;
  minimum: MergeShape<'minimum', Inputs>;
  multiply: MergeShape<'multiply', Inputs>;
  subtract: SubtractShape<Inputs>;
  concatenate: ConcatenateShape<C, Inputs>;
  dot: DotShape<C, Inputs>;
}

/** The name of a row. */
export type RuleName = keyof LayerRules<unknown, SampleShape> | keyof MergeRules<unknown, []>;

type DenseShape<C, I extends SampleShape> = I extends readonly [
  ...infer Places extends (number | null)[],
  number | null,
]
  ? [...Places, Size<Option<C, 'units'>>]
  : SampleShape;

type GlobalPool<C, Found> = Found extends readonly [...infer Axes, infer Channels]
  ? [Option<C, 'keepDims'>] extends [false]
    ? [Channels]
    : [Option<C, 'keepDims'>] extends [true]
      ? [...{ [Axis in keyof Axes]: 1 }, Channels]
      : SampleShape
  : Found;

type TimeDistributedShape<C, I extends SampleShape> =
  IsOpen<I> extends true
    ? SampleShape
    : I extends readonly [infer Steps extends number | null, ...infer Frame extends SampleShape]
      ? Frame extends readonly []
        ? Misfit<`timeDistributed: the input is ${ShowShape<I>}; it must have two axes or more, [steps, ...]`>
        : OutputOf<Option<C, 'layer'>, [Frame]> extends infer Output
          ? Output extends SampleShape
            ? IsOpen<Output> extends true
              ? SampleShape
              : [Steps, ...Output]
            : Output
          : never
      : SampleShape;

type GroupNormalizationShape<I extends SampleShape, Groups> = I extends readonly [...infer _, infer Channels]
  ? Remainder<Channels, Groups> extends infer Rest
    ? number extends Rest
      ? I
      : Rest extends 0
        ? I
        : Misfit<`groupNormalization: ${Channels & number} channels can't be divided into ${Groups & number} groups of equal size`>
    : never
  : I;

declare const RULE: unique symbol;

interface Rule<Name, O> {
  readonly name: Name;
  readonly options: O;
}

/**
 * A layer `L` whose type knows how its output shape follows from its input shape: by the row `Name` of
 * LayerRules or MergeRules, and by the options `O` that it was made with. The knowledge is in the type only.
 */
export type Shaped<L, Name extends RuleName, O> = L & {
  /** Never exists; the type remembers the rule. */
  readonly [RULE]?: Rule<Name, O>;
};

/** The layer's rule; never for a layer without one, and for a union of layers. */
type RuleOf<L> = [L] extends [{ readonly [RULE]?: infer R }]
  ? Only<Extract<R, Rule<RuleName, unknown>>>
  : never;

type Only<T, All = T> = T extends unknown ? ([All] extends [T] ? T : never) : never;

/**
 * The output shape of layer `L` for inputs of these shapes: a shape, a misfit, or SampleShape if it isn't
 * known.
 */
export type OutputOf<L, Inputs extends readonly SampleShape[]> = [RuleOf<L>] extends [never]
  ? SampleShape
  : RuleOf<L> extends Rule<infer Name, infer O>
    ? Name extends keyof MergeRules<unknown, []>
      ? MergeRules<Call<O, DefaultsIn<L>>, Inputs>[Name]
      : Name extends keyof LayerRules<unknown, SampleShape>
        ? Inputs extends readonly [infer Input extends SampleShape]
          ? OutputAfter<Name, Call<O, DefaultsIn<L>>, GivenInputShape<Name, O>, Input>
          : number extends Inputs['length']
            ? SampleShape
            : Misfit<`${Name}: apply takes one value; ${Inputs['length']} were given`>
        : SampleShape
    : SampleShape;

/** A given inputShape must equal the shape of the layer's input. */
type OutputAfter<
  Name extends keyof LayerRules<unknown, SampleShape>,
  C,
  Expected,
  Input extends SampleShape,
> = Expected extends SampleShape
  ? ShapesDiffer<Expected, Input> extends true
    ? Misfit<`${Name}: inputShape is ${ShowShape<Expected>}, but the layer before gives ${ShowShape<Input>}; leave inputShape out`>
    : LayerRules<C, Input>[Name]
  : LayerRules<C, Input>[Name];

/** The input shape in the options of a model's first layer. */
export type InputOf<L> = [RuleOf<L>] extends [never]
  ? SampleShape
  : RuleOf<L> extends Rule<infer Name, infer O>
    ? GivenInputShape<Name, O> extends infer Found
      ? Found extends SampleShape
        ? Found
        : Misfit<`${Name & string}: the first layer of a model needs inputShape, the shape of one sample, such as [28, 28, 1]`>
      : never
    : SampleShape;
