import { describe, expect, it } from 'vitest';
import { layers, ones, sequential } from '../../lib/index.js';

/** A chain of convolutions of 4 channels on images of 4x4. */
function chain(length: number) {
  const conv = () => layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', inputShape: [4, 4, 4] });
  return sequential({ layers: Array.from({ length }, conv) });
}

describe('planning', () => {
  it("doesn't hold up a prediction of another model", async () => {
    const [huge, small] = [chain(1500), chain(2)];
    const x = ones([1, 4, 4, 4]);
    await small.predict(x).data();
    // Its program is made now, but it is planned by the prediction.
    huge.explain();
    const ended: string[] = [];
    await Promise.all([
      huge
        .predict(x)
        .data()
        .then(() => ended.push('huge')),
      small
        .predict(x)
        .data()
        .then(() => ended.push('small')),
    ]);
    expect(ended).toEqual(['small', 'huge']);
  });

  it('lets a prediction see the weights of the moment when it was asked for', async () => {
    const [model, untrained] = [chain(3), chain(3)];
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    untrained.setWeights(model.getWeights());
    const x = ones([8, 4, 4, 4]);
    const before = model.predict(x);
    await model.fit(x, x, { epochs: 2, batchSize: 4, verbose: 0 });
    expect(await before.data()).toEqual(await untrained.predict(x).data());
    expect(await model.predict(x).data()).not.toEqual(await before.data());
  });
});
