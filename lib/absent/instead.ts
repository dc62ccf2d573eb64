/* What to do instead of functions of TF.js: parts of a sentence that several names share. */

export const ON_VALUES = 'compute it on the values: tf.tensor(x.dataSync().map(f), x.shape)';
export const ON_PAIRS =
  'compute it on the values of both, a.dataSync() and b.dataSync(), and make a tensor of the result';
export const BY_HAND =
  'compute it on the values, x.dataSync() or x.arraySync(), and make a tensor of the result';
export const ANY_RANK = 'use the function of the same name without a rank, which takes any';
export const NO_3D = 'there are no 3D layers: images have two axes besides their channels';
export const RECURRENT =
  'there are no recurrent layers: use tf.layers.conv1d with dilationRate, or tf.layers.flatten and dense, over the steps';
export const GRADIENTS =
  'only models have gradients: use model.gradients(x, y) and model.applyGradients(gradients) for a custom training loop, and model.inputGradients(x) for the gradients of inputs and inner layers';
export const OPTIMIZER = 'make optimizers with tf.train or tf.optimizers; their classes are in tf.optimizers';
export const ONE_BACKEND = 'there is one backend, which tf.engineInfo() describes: leave the call out';
export const NO_KERNELS =
  'kernels are native code, compiled in: combine layers, or add an op as CONTRIBUTING.md says';
export const NOTHING_TO_SET = 'there is nothing to switch: leave the call out';
export const PROFILE = 'use await model.explain({ profile: true }), or performance.now()';
export const GRAPH_MODEL =
  'use await tf.loadGraphModel, whose operations become layers: an op of your own must be one of these';
export const INTERNAL = 'it is a part of TF.js that only its own backends use';
export const NO_COMPLEX =
  'there are no complex numbers: use a package for Fourier transforms on x.dataSync()';
export const NO_RAGGED = 'tensors are dense: pad rows to one length';
export const NO_STRINGS =
  "tensors hold numbers: work on JavaScript's own strings, and give the model their indices";
export const NO_BROWSER =
  'there is no page in Node.js: read images with tf.node.decodeImage or tf.data.images';
export const NO_DEVICE = 'there are no browser devices in Node.js: use tf.data.generator';
export const NO_CLASSES = 'custom classes are not supported: models consist of the layers of tf.layers';
