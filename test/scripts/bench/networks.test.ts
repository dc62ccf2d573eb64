import { describe, expect, it } from 'vitest';
import { NETWORKS } from '../../../scripts/bench/networks/index.js';
import { buildNetwork } from '../../../scripts/bench/networks/network.js';
import { networkSamples } from '../../../scripts/bench/networks/samples.js';
import { selectParts } from '../../../scripts/bench/selection.js';
import { openSubject } from '../../../scripts/bench/subjects.js';
import { callTimes } from '../../../scripts/bench/support/call-times.js';

/** What is known of a network: trained weights and 10^9 multiply-adds of an image. */
const KNOWN: Record<string, { weights: number; multiplyAdds?: number }> = {
  lenet: { weights: 832 + 51_264 + 1_025_000 + 10_010, multiplyAdds: 0.00478 },
  // torchvision's documentation of the three networks.
  'resnet-18': { weights: 11_689_512, multiplyAdds: 1.814 },
  'mobilenet-v2': { weights: 3_504_872, multiplyAdds: 0.301 },
  'efficientnet-b0': { weights: 5_288_548, multiplyAdds: 0.386 },
};

const find = (key: string) => NETWORKS.find((network) => network.key === key) ?? NETWORKS[0];

describe('the networks', () => {
  it.each(Object.keys(KNOWN))('%s has as many weights and multiply-adds as elsewhere', (key) => {
    const { model } = buildNetwork(find(key));
    const { weights, multiplyAdds = 0 } = KNOWN[key];
    expect(model.getWeights(true).reduce((sum, { size }) => sum + size, 0)).toBe(weights);
    const { passes } = model.state.program.explain('predict', 1).wait();
    const flops = passes.reduce((sum, pass) => sum + pass.flops, 0);
    expect(flops / 2e9).toBeCloseTo(multiplyAdds, key === 'lenet' ? 4 : 2);
    model.dispose();
  });

  it.each(NETWORKS)('$key: layers are listed with all weights', (network) => {
    const { model, layers } = buildNetwork(network);
    const count = (of: { getWeights(): { size: number }[] }) =>
      of.getWeights().reduce((sum, { size }) => sum + size, 0);
    expect(layers.reduce((sum, layer) => sum + count(layer), 0)).toBe(count(model));
    expect(model.signature.outputs[0].shape?.at(-1)).toBe(network.classes);
    model.dispose();
  });

  it('have the same samples each time', async () => {
    const network = find('unet');
    const { images, labels, count } = await networkSamples(network, 1);
    expect([images.length, labels.length, count]).toEqual([16 * 48 * 48 * 3, 16 * 48 * 48, 16]);
    expect(new Set(labels)).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(await networkSamples(network, 1)).toEqual({ images, labels, count });
  });

  it('train and predict', async () => {
    const subject = await openSubject({ ...find('unet'), batch: 2, batches: 2 }, 1);
    let epochs = -1;
    await subject.train(2, () => epochs++);
    await subject.predictAll();
    await subject.predictOne(1);
    subject.predictNow(2);
    expect([epochs, subject.count]).toEqual([2, 4]);
    subject.dispose();
  });
});

describe('--only', () => {
  const selected = (only: string) => {
    const { kernels, networks } = selectParts(only);
    return [...networks.map(({ key }) => key), ...kernels];
  };

  it('selects networks and kernels by a part of the name', () => {
    expect(selected('resnet')).toEqual(['resnet-20', 'resnet-18']);
    expect(selected('ResNet-20')).toEqual(['resnet-20']);
    expect(selected('3->20')).toEqual(['conv 3x3 3->20, 17x13, b32']);
    expect(selected('lenet,3->20,VGG')).toEqual(['lenet', 'vgg', 'conv 3x3 3->20, 17x13, b32']);
    expect(selected('48x48')).toEqual(['unet']);
  });

  it('selects all of a kind', () => {
    expect(selectParts('networks')).toMatchObject({ kernels: [], networks: NETWORKS });
    expect(selectParts('kernels,unet').networks).toEqual([find('unet')]);
    expect(selectParts('kernels').kernels.length).toBeGreaterThan(20);
    expect(selectParts('kernels').neighbour).toBe(false);
    expect(selectParts('neighbour')).toEqual({ kernels: [], networks: [], neighbour: true, imported: false });
    expect(selectParts('imported').imported).toBe(true);
  });

  it('names what there is', () => {
    expect(() => selectParts('lenet,nothing')).toThrow(/^--only nothing: nothing has .*\n {2}kernels\n/);
  });
});

it('calls are timed until they are enough', async () => {
  expect(await callTimes(() => {}, { calls: 20, seconds: 10 })).toHaveLength(20);
  expect(await callTimes(() => {}, { calls: 20, seconds: 0 })).toHaveLength(10);
});
