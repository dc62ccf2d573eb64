import type { Tensor } from '@tensorflow/tfjs-core';
import * as tfjs from '@tensorflow/tfjs-layers';

// TF.js's resizing works only on tensors. In a model it mistakes the list of inputs for the tensor, and
// computes a shape without the batch that has the width in place of the channels.

type Resizing = { height: number; width: number };

const { prototype } = tfjs.layers.resizing({ height: 1, width: 1 }).constructor;
const { call } = prototype;

Object.assign(prototype, {
  call(this: Resizing, inputs: Tensor | Tensor[], options: object) {
    return call.call(this, Array.isArray(inputs) ? inputs[0] : inputs, options);
  },
  computeOutputShape(this: Resizing, [batch, , , channels]: (number | null)[]) {
    return [batch, this.height, this.width, channels];
  },
});
