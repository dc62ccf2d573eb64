/**
 * Which library's formulas a layer computes where they differ: those of the library that the layer's file is for,
 * otherwise Keras 3's. TF.js differs from Keras in UpSampling2D, Resizing, CenterCrop and the norm of Dot. It has
 * Keras 2's hardSigmoid, not Keras 3's.
 */
export type Formulas = 'keras' | 'keras2' | 'tfjs';
