import { absentIn } from './absent.js';
import { INTERNAL, ONE_BACKEND } from './instead.js';

/* Namespaces that TF.js exports for its backends and its own tests. */

const TESTS = "use your test runner's own: expect(x.arraySync()).toEqual(...)";

export const backend_util = absentIn('backend_util', {
  'applyActivation assertAndGetBroadcastShape assertAxesAreInnerMostDims assertParamsConsistent': INTERNAL,
  'assignToTypedArray axesAreInnerMostDims calculateShapes checkEinsumDimSizes': INTERNAL,
  'checkPadOnDimRoundingMode combineLocations combineRaggedTensorToTensorShapes': INTERNAL,
  'complexWithEvenIndex complexWithOddIndex computeConv2DInfo computeConv3DInfo computeDefaultPad': INTERNAL,
  'computeDilation2DInfo computeOptimalWindowSize computeOutAndReduceShapes computeOutShape': INTERNAL,
  'computePool2DInfo computePool3DInfo convertConv2DDataFormat decodeEinsumEquation': INTERNAL,
  'eitherStridesOrDilationsAreOne expandShapeToKeepDim exponent exponents fromStringArrayToUint8': INTERNAL,
  'fromUint8ToStringArray getAxesPermutation getBroadcastDims getComplexWithIndex': INTERNAL,
  'getEinsumComputePath getEinsumPermutation getFusedBiasGradient getFusedDyActivation': INTERNAL,
  'getImageCenter getInnerMostAxes getPermuted getRaggedRank getReductionAxes getReshaped': INTERNAL,
  'getReshapedPermuted getRowPartitionTypesHelper getSliceBeginCoords getSliceSize': INTERNAL,
  'getSparseFillEmptyRowsIndicesDenseShapeMismatch getSparseFillEmptyRowsNegativeIndexErrorMessage': INTERNAL,
  getSparseFillEmptyRowsOutOfRangeIndexErrorMessage: INTERNAL,
  getSparseReshapeEmptyTensorZeroOutputDimErrorMessage: INTERNAL,
  'getSparseReshapeInputOutputMismatchErrorMessage getSparseReshapeInputOutputMultipleErrorMessage': INTERNAL,
  getSparseReshapeMultipleNegativeOneOutputDimErrorMessage: INTERNAL,
  getSparseReshapeNegativeOutputDimErrorMessage: INTERNAL,
  getSparseSegmentReductionIndicesOutOfRangeErrorMessage: INTERNAL,
  getSparseSegmentReductionNegativeSegmentIdsErrorMessage: INTERNAL,
  getSparseSegmentReductionNonIncreasingSegmentIdsErrorMessage: INTERNAL,
  'getSparseSegmentReductionSegmentIdOutOfRangeErrorMessage getUndoAxesPermutation': INTERNAL,
  'isIdentityPermutation log mergeRealAndImagArrays prepareAndValidate prepareSplitSize shouldFuse': INTERNAL,
  'splitRealAndImagArrays stridesOrDilationsArePositive tupleValuesAreOne upcastType': INTERNAL,
  'validateDefaultValueShape validateInput validateUpdateShape warn': INTERNAL,
});

export const broadcast_util = absentIn('broadcast_util', {
  'assertAndGetBroadcastShape getBroadcastDims getReductionAxes': INTERNAL,
});

export const device_util = absentIn('device_util', {
  'isBrowser isMobile mockIsMobile': INTERNAL,
});

export const gather_util = absentIn('gather_util', {
  prepareAndValidate: INTERNAL,
});

export const kernel_impls = absentIn('kernel_impls', {
  'nonMaxSuppressionV3Impl nonMaxSuppressionV4Impl nonMaxSuppressionV5Impl whereImpl': INTERNAL,
});

export const scatter_util = absentIn('scatter_util', {
  'calculateShapes validateInput validateUpdateShape': INTERNAL,
});

export const slice_util = absentIn('slice_util', {
  'assertParamsValid computeFlatOffset computeOutShape getNormalizedAxes isSliceContinous': INTERNAL,
  'maskToAxes parseSliceParams sliceInfo startForAxis startIndicesWithElidedDims stopForAxis': INTERNAL,
  'stopIndicesWithElidedDims stridesForAxis stridesWithElidedDims': INTERNAL,
});

export const tensor_util = absentIn('tensor_util', {
  'assertTypesMatch getTensorsInContainer isTensorInList makeTypesMatch': INTERNAL,
});

export const test_util = absentIn('test_util', {
  'createVideoElement encodeStrings expectArrayBuffersEqual expectArraysClose expectArraysEqual': TESTS,
  'expectNumbersClose expectPromiseToFail expectValuesInRange play testEpsilon': TESTS,
});

export const shared = absentIn('shared', {
  'addImpl bincountImpl bincountReduceImpl bitwiseAndImpl castImpl ceilImpl concatImpl equalImpl': INTERNAL,
  'expImpl expm1Impl floorDivImpl floorImpl gatherNdImpl gatherV2Impl greaterEqualImpl greaterImpl': INTERNAL,
  'lessEqualImpl lessImpl linSpaceImpl logImpl maxImpl maximumImpl minimumImpl multiplyImpl': INTERNAL,
  'negImpl notEqualImpl prodImpl raggedGatherImpl raggedRangeImpl raggedTensorToTensorImpl': INTERNAL,
  'rangeImpl rsqrtImpl scatterImpl sigmoidImpl simpleAbsImpl sliceImpl sparseFillEmptyRowsImpl': INTERNAL,
  'sparseReshapeImpl sparseSegmentReductionImpl sqrtImpl squaredDifferenceImpl': INTERNAL,
  'staticRegexReplaceImpl stridedSliceImpl stringNGramsImpl stringSplitImpl': INTERNAL,
  'stringToHashBucketFastImpl subImpl tileImpl topKImpl transposeImpl uniqueImpl': INTERNAL,
});

export const gpgpu_util = absentIn('gpgpu_util', {
  'bindVertexProgramAttributeStreams createBufferFromOutputTexture createFloat16MatrixTexture': ONE_BACKEND,
  'createFloat16PackedMatrixTexture createFloat32MatrixTexture createIndexBuffer': ONE_BACKEND,
  'createPackedMatrixTexture createUnsignedBytesMatrixTexture createVertexBuffer': ONE_BACKEND,
  'createVertexShader downloadByteEncodedFloatMatrixFromOutputTexture': ONE_BACKEND,
  'downloadFloat32MatrixFromBuffer downloadMatrixFromPackedOutputTexture': ONE_BACKEND,
  'downloadPackedMatrixFromBuffer getInternalFormatForFloat16MatrixTexture': ONE_BACKEND,
  'getInternalFormatForFloat16PackedMatrixTexture getInternalFormatForFloat32MatrixTexture': ONE_BACKEND,
  'getInternalFormatForPackedMatrixTexture getInternalFormatForUnsignedBytesMatrixTexture': ONE_BACKEND,
  'uploadDenseMatrixToTexture uploadPixelDataToTexture': ONE_BACKEND,
});

export const webgl = absentIn('webgl', {
  forceHalfFloat: ONE_BACKEND,
});

export const webgl_util = absentIn('webgl_util', {
  'assertNotComplex bindCanvasToFramebuffer bindColorTextureToFramebuffer': ONE_BACKEND,
  'bindTextureToProgramUniformSampler bindTextureUnit bindVertexBufferToProgramAttribute': ONE_BACKEND,
  'callAndCheck canBeRepresented createFragmentShader createFramebuffer createProgram': ONE_BACKEND,
  'createStaticIndexBuffer createStaticVertexBuffer createTexture createVertexShader getBatchDim':
    ONE_BACKEND,
  'getExtensionOrThrow getFramebufferErrorMessage getMaxTexturesInShader getNumChannels': ONE_BACKEND,
  'getProgramUniformLocation getProgramUniformLocationOrThrow getRowsCols getShapeAs3D': ONE_BACKEND,
  'getTextureShapeFromLogicalShape getWebGLDisjointQueryTimerVersion getWebGLErrorMessage': ONE_BACKEND,
  'getWebGLMaxTextureSize hasExtension isCapableOfRenderingToFloatTexture': ONE_BACKEND,
  'isDownloadFloatTextureEnabled isReshapeFree isWebGLFenceEnabled isWebGLVersionEnabled': ONE_BACKEND,
  'linkProgram logShaderSourceAndInfoLog resetMaxTextureSize resetMaxTexturesInShader': ONE_BACKEND,
  'unbindColorTextureFromFramebuffer unbindTextureUnit validateFramebuffer validateProgram': ONE_BACKEND,
  validateTextureSize: ONE_BACKEND,
});
