import type { Tensor } from '@tensorflow/tfjs-core';
import * as tfjs from '@tensorflow/tfjs-layers';

// TF.js's resizing works on tensors alone. In a model it takes a list of one for the tensor, and tells a
// shape without the batch, which has the width for the channels.

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
