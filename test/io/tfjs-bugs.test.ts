import * as tfjs from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { models, ones } from '../../lib/index.js';
import type { Package } from '../support/random-graphs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { expectWeRead } from '../support/tfjs-files.js';

const pathOf = temporaryFolder();

describe("TF.js's bugs in files", () => {
  it.each(['same', 'valid'] as const)('a dilation that TF.js ignores, padding %s', async (padding) => {
    const layer = tfjs.layers.depthwiseConv2d({
      kernelSize: 3,
      dilationRate: 2,
      padding,
      inputShape: [7, 7, 2],
    });
    const model = await expectWeRead(tfjs.sequential({ layers: [layer] }), pathOf('model'));
    expect((model.layers[0].getConfig() as Package).dilationRate).toEqual([1, 1]);
  });

  it("a depthwise convolution's constraint read as its regularizer", async () => {
    const depthwiseRegularizer = tfjs.regularizers.l1l2({ l1: 0.5, l2: 0.25 });
    const layer = tfjs.layers.depthwiseConv2d({ kernelSize: 2, depthwiseRegularizer, inputShape: [3, 3, 2] });
    const model = await expectWeRead(tfjs.sequential({ layers: [layer] }), pathOf('model'));
    const config = model.layers[0].getConfig() as Package;
    expect(config.depthwiseRegularizer.config).toEqual({ l1: 0.5, l2: 0.25 });
    expect(config.depthwiseConstraint).toBeUndefined();
  });

  it('are not assumed in files of other writers', async () => {
    const config = { name: 'd', kernel_size: 2, dilation_rate: 2, batch_input_shape: [null, 5, 5, 1] };
    const entry = { class_name: 'DepthwiseConv2D', config };
    const topology = { class_name: 'Sequential', config: { name: 'chain', layers: [entry] } };
    const model = await models.modelFromJSON({ ...topology, keras_version: '2.15.0', backend: 'tensorflow' });
    expect(model.predict(ones([1, 5, 5, 1])).shape).toEqual([1, 3, 3, 1]);
  });
});
