/**
 * Whose formulas a layer computes where the two differ: Keras 3's, or TF.js's if it comes from a TF.js file. They differ in hardSigmoid,
 * UpSampling2D, Resizing, CenterCrop and the norm of Dot.
 */
export type Formulas = 'keras' | 'tfjs';
