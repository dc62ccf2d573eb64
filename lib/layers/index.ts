export { Activation, type ActivationOptions, activation } from './activation/activation.js';
export type { ActivationIdentifier, AppliedActivation } from './activation/applied.js';
export type { ActivationLayer } from './activation/base-activation.js';
export { ELU, type ELUOptions, elu } from './activation/elu.js';
export { LeakyReLU, type LeakyReLUOptions, leakyReLU } from './activation/leaky-relu.js';
export { PReLU, type PReLUOptions, prelu } from './activation/prelu.js';
export { ReLU, type ReLUOptions, reLU } from './activation/relu.js';
export { Softmax, type SoftmaxOptions, softmax } from './activation/softmax.js';
export {
  ThresholdedReLU,
  type ThresholdedReLUOptions,
  thresholdedReLU,
} from './activation/thresholded-relu.js';
export type { ActivationName } from './activations.js';
export type { FillMode, RandomAffineOptions } from './augmentation/base-random-affine.js';
export type { Factor } from './augmentation/base-random-image.js';
export type { RandomToneOptions } from './augmentation/base-random-tone.js';
export {
  RandomBrightness,
  type RandomBrightnessOptions,
  randomBrightness,
} from './augmentation/random-brightness.js';
export {
  RandomContrast,
  type RandomContrastOptions,
  randomContrast,
} from './augmentation/random-contrast.js';
export { RandomCrop, type RandomCropOptions, randomCrop } from './augmentation/random-crop.js';
export { type FlipMode, RandomFlip, type RandomFlipOptions, randomFlip } from './augmentation/random-flip.js';
export {
  RandomRotation,
  type RandomRotationOptions,
  randomRotation,
} from './augmentation/random-rotation.js';
export {
  RandomTranslation,
  type RandomTranslationOptions,
  randomTranslation,
} from './augmentation/random-translation.js';
export { RandomZoom, type RandomZoomOptions, randomZoom } from './augmentation/random-zoom.js';
export type { KernelLayerOptions } from './base-kernel-layer.js';
export { Layer, type LayerOptions, type WeightSpec } from './base-layer.js';
export type { LayerConfig } from './config.js';
export { Conv1D, type Conv1DOptions, conv1d } from './convolutional/conv1d.js';
export { Conv2D, type Conv2DOptions, conv2d } from './convolutional/conv2d.js';
export {
  DepthwiseConv2D,
  type DepthwiseConv2DOptions,
  depthwiseConv2d,
} from './convolutional/depthwise-conv2d.js';
export {
  Conv2DTranspose,
  type Conv2DTransposeOptions,
  conv2dTranspose,
} from './convolutional/conv2d-transpose.js';
export {
  SeparableConv2D,
  type SeparableConv2DOptions,
  separableConv2d,
} from './convolutional/separable-conv2d.js';
export { Dense, type DenseOptions, dense } from './core/dense.js';
export { Embedding, type EmbeddingOptions, embedding } from './core/embedding.js';
export {
  type LayerLike,
  TimeDistributed,
  type TimeDistributedOptions,
  timeDistributed,
} from './core/time-distributed.js';
export { Add, add } from './merging/add.js';
export { Average, average } from './merging/average.js';
export { Concatenate, type ConcatenateOptions, concatenate } from './merging/concatenate.js';
export { Dot, type DotOptions, dot } from './merging/dot.js';
export { Maximum, maximum } from './merging/maximum.js';
export { Minimum, minimum } from './merging/minimum.js';
export { Multiply, multiply } from './merging/multiply.js';
export { Subtract, subtract } from './merging/subtract.js';
export { InputLayer, type InputLayerOptions, type InputType, inputLayer } from './core/input-layer.js';
export {
  BatchNormalization,
  type BatchNormalizationOptions,
  batchNormalization,
} from './normalization/batch-normalization.js';
export {
  GroupNormalization,
  type GroupNormalizationOptions,
  groupNormalization,
} from './normalization/group-normalization.js';
export {
  LayerNormalization,
  type LayerNormalizationOptions,
  layerNormalization,
} from './normalization/layer-normalization.js';
export {
  AveragePooling2D,
  averagePooling2d,
  averagePooling2d as averagePool2d,
  averagePooling2d as avgPool2d,
  averagePooling2d as avgPooling2d,
} from './pooling/average-pooling2d.js';
export {
  AveragePooling1D,
  averagePooling1d,
  averagePooling1d as averagePool1d,
  averagePooling1d as avgPool1d,
  averagePooling1d as avgPooling1d,
} from './pooling/average-pooling1d.js';
export type { Pooling1DOptions } from './pooling/base-pooling1d.js';
export { MaxPooling1D, maxPooling1d, maxPooling1d as maxPool1d } from './pooling/max-pooling1d.js';
export { SumPooling1D, sumPooling1d, sumPooling1d as sumPool1d } from './pooling/sum-pooling1d.js';
export type { Pooling2DOptions } from './pooling/base-pooling2d.js';
export type { GlobalPoolingOptions } from './pooling/base-global-pooling.js';
export { GlobalAveragePooling1D, globalAveragePooling1d } from './pooling/global-average-pooling1d.js';
export { GlobalAveragePooling2D, globalAveragePooling2d } from './pooling/global-average-pooling2d.js';
export {
  GlobalMaxPooling1D,
  globalMaxPooling1d,
  globalMaxPooling1d as globalMaxPool1d,
} from './pooling/global-max-pooling1d.js';
export {
  GlobalMaxPooling2D,
  globalMaxPooling2d,
  globalMaxPooling2d as globalMaxPool2d,
} from './pooling/global-max-pooling2d.js';
export { MaxPooling2D, maxPooling2d, maxPooling2d as maxPool2d } from './pooling/max-pooling2d.js';
export { SumPooling2D, sumPooling2d, sumPooling2d as sumPool2d } from './pooling/sum-pooling2d.js';
export { CenterCrop, type CenterCropOptions, centerCrop } from './preprocessing/center-crop.js';
export { Normalization, type NormalizationOptions, normalization } from './preprocessing/normalization.js';
export { Rescaling, type RescalingOptions, rescaling } from './preprocessing/rescaling.js';
export {
  AlphaDropout,
  type AlphaDropoutOptions,
  alphaDropout,
} from './regularization/alpha-dropout.js';
export type { BaseDropoutOptions } from './regularization/base-dropout.js';
export { Dropout, type DropoutOptions, dropout } from './regularization/dropout.js';
export {
  GaussianDropout,
  type GaussianDropoutOptions,
  gaussianDropout,
} from './regularization/gaussian-dropout.js';
export {
  GaussianNoise,
  type GaussianNoiseOptions,
  gaussianNoise,
} from './regularization/gaussian-noise.js';
export type { NoiseShape } from './regularization/noise-shape.js';
export {
  SpatialDropout1D,
  type SpatialDropout1DOptions,
  spatialDropout1d,
} from './regularization/spatial-dropout1d.js';
export {
  SpatialDropout2D,
  type SpatialDropout2DOptions,
  spatialDropout2d,
} from './regularization/spatial-dropout2d.js';
export { Resizing, type ResizingOptions, resizing } from './preprocessing/resizing.js';
export type { Edges1D, Edges2D } from './reshaping/base-edges.js';
export { Cropping1D, type Cropping1DOptions, cropping1D } from './reshaping/cropping1d.js';
export { Cropping2D, type Cropping2DOptions, cropping2D } from './reshaping/cropping2d.js';
export { Flatten, type FlattenOptions, flatten } from './reshaping/flatten.js';
export type { Interpolation } from './reshaping/lower-resize.js';
export { Permute, type PermuteOptions, permute } from './reshaping/permute.js';
export { RepeatVector, type RepeatVectorOptions, repeatVector } from './reshaping/repeat-vector.js';
export { Reshape, type ReshapeOptions, reshape } from './reshaping/reshape.js';
export {
  DepthToSpace,
  type DepthToSpaceOptions,
  depthToSpace,
  SpaceToDepth,
  type SpaceToDepthOptions,
  spaceToDepth,
} from './reshaping/space-to-depth.js';
export { UpSampling2D, type UpSampling2DOptions, upSampling2d } from './reshaping/upsampling2d.js';
export { ZeroPadding1D, type ZeroPadding1DOptions, zeroPadding1d } from './reshaping/zero-padding1d.js';
export { ZeroPadding2D, type ZeroPadding2DOptions, zeroPadding2d } from './reshaping/zero-padding2d.js';
export type { Padding } from './windows.js';
