/**
 * Which library's formulas a layer computes where they differ: TF.js's for layers of a TF.js file, otherwise
 * Keras 3's. They differ in hardSigmoid, UpSampling2D, Resizing, CenterCrop and the norm of Dot.
 */
export type Formulas = 'keras' | 'tfjs';
