import { absentIn } from './absent.js';
import {
  BY_HAND,
  INTERNAL,
  NO_3D,
  NO_BROWSER,
  NO_CLASSES,
  NO_COMPLEX,
  NO_DEVICE,
  NO_STRINGS,
  ON_VALUES,
  ONE_BACKEND,
  RECURRENT,
} from './instead.js';

/* TF.js's namespaces, as objects of the functions that convforge lacks. */

export const browser = absentIn('browser', {
  'fromPixels fromPixelsAsync': NO_BROWSER,
  'draw toPixels': 'there is no page in Node.js: write images with tf.node.encodePng',
});

export const fused = absentIn('fused', {
  'conv2d depthwiseConv2d matMul':
    'models fuse operations by themselves: use tf.conv2d or tf.matMul, then tf.relu',
});

export const linalg = absentIn('linalg', {
  'bandPart gramSchmidt qr': BY_HAND,
});

export const serialization = absentIn('serialization', {
  'Serializable SerializationMap getRegisteredName registerClass': NO_CLASSES,
});

export const signal = absentIn('signal', {
  'hammingWindow hannWindow': ON_VALUES,
  frame: 'use slice and tf.stack',
  stft: NO_COMPLEX,
});

export const sparse = absentIn('sparse', {
  'sparseFillEmptyRows sparseReshape sparseSegmentMean sparseSegmentSum': BY_HAND,
});

export const spectral = absentIn('spectral', { 'fft ifft rfft irfft': NO_COMPLEX });

export const string = absentIn('string', {
  'staticRegexReplace stringNGrams stringSplit stringToHashBucketFast': NO_STRINGS,
});

export const ENV = absentIn('ENV', {
  'evaluateFlag get getAsync getBool getFlags getNumber getQueryParams getString registerFlag reset set setFlags setPlatform':
    ONE_BACKEND,
});

/** The functions that convforge lacks in namespaces that it has. */
export const missing = {
  data: absentIn('data', {
    'CSVDataset TextLineDataset': 'use tf.data.csv, or tf.data.generator on the lines of a file',
    'FileDataSource URLDataSource': 'give tf.data.csv a path',
    func: 'use tf.data.generator(function* () { yield element; })',
    'microphone webcam': NO_DEVICE,
  }),
  image: absentIn('image', {
    cropAndResize: 'use slice and tf.image.resizeBilinear',
    flipLeftRight: 'use x.reverse(2)',
    grayscaleToRGB: 'use tf.tile(x, [1, 1, 1, 3])',
    'nonMaxSuppression nonMaxSuppressionAsync nonMaxSuppressionPadded nonMaxSuppressionPaddedAsync': BY_HAND,
    'nonMaxSuppressionWithScore nonMaxSuppressionWithScoreAsync': BY_HAND,
    rgbToGrayscale: 'use tf.dot(x.reshape([-1, 3]), [0.2989, 0.587, 0.114])',
    'rotateWithOffset transform':
      'use tf.layers.randomRotation and the like while training, or the package sharp',
    threshold: 'use x.greater(value)',
  }),
  io: absentIn('io', {
    'browserFiles browserHTTPRequest http isHTTPScheme':
      'give loadLayersModel a URL or a path, or fetch the files and give tf.io.fromMemory what they hold',
    'copyModel listModels moveModel removeModel': 'models are folders: use node:fs',
    'decodeWeightsStream loadWeights weightsLoaderFactory': 'read the files, and use tf.io.decodeWeights',
    'getLoadHandlers getSaveHandlers registerLoadRouter registerSaveRouter':
      'give loadLayersModel or model.save the handler itself',
  }),
  layers: absentIn('layers', {
    'RNN RNNCell bidirectional gru gruCell lstm lstmCell rnn simpleRNN simpleRNNCell stackedRNNCells':
      RECURRENT,
    'averagePooling3d avgPool3d avgPooling3d conv3d conv3dTranspose maxPooling3d': NO_3D,
    categoryEncoding: 'give the model tf.oneHot(labels, depth)',
    'convLstm2d convLstm2dCell': RECURRENT,
    masking: 'there is no masking: pad rows with a value of their own',
    randomWidth: 'use tf.layers.randomZoom with widthFactor',
  }),
  metrics: absentIn('metrics', {
    r2Score: 'use fit with customMetrics: { r2: (yTrue, yPred) => number }',
  }),
  node: absentIn('node', {
    'decodeBmp decodeGif': 'use the package sharp',
    'decodeJpeg decodePng': 'use await tf.node.decodeImage(bytes, channels)',
    encodeJpeg: 'use tf.node.encodePng, or the package sharp',
    'getMetaGraphsFromSavedModel getNumOfSavedModels loadSavedModel':
      'SavedModels are not read: convert the source to a layers model (tensorflowjs_converter)',
    summaryFileWriter: 'use tf.callbacks.tensorBoard(folder)',
  }),
  util: absentIn('util', {
    clamp: 'use Math.min(Math.max(x, low), high)',
    'decodeString encodeString': 'use TextDecoder and TextEncoder',
    fetch: "use Node's own fetch",
    'arraysEqualWithNull assertNonNegativeIntegerDimensions assertNonNull assertShapesMatch': INTERNAL,
    'bytesFromStringArray bytesPerElement checkConversionForErrors computeStrides': INTERNAL,
    'convertBackendValuesAndArrayBuffer createScalarValue fingerPrint64 getArrayFromDType': INTERNAL,
    'getTypedArrayFromDType hasEncodingLoss hexToLong indexToLoc inferDtype inferFromImplicitShape': INTERNAL,
    'isBoolean isFunction isInt isNumber isPromise isScalarShape isString isTypedArray isValidDtype':
      INTERNAL,
    'locToIndex makeOnesTypedArray makeZerosNestedTypedArray makeZerosTypedArray': INTERNAL,
    'nearestDivisor nearestLargerEven parseAxisParam repeatedTry rightPad sizeToSquarishShape squeezeShape':
      INTERNAL,
    'distSquared randUniform sum swap tanh': 'write it in plain JavaScript',
    'toNestedArray toTypedArray': 'use tf.tensor(values, shape) and its arraySync() or dataSync()',
  }),
};
