import { afterEach, describe, expect, it } from 'vitest';
import { formatExplanation, layers, type Sequential, sequential, setEngine } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { compiledClassifier, tinyClassifier, tinySet, values } from '../support/tiny.js';

function network(loss: 'categoricalCrossentropy' | 'meanSquaredError'): Sequential {
  const model = sequential({
    name: 'network',
    layers: [
      layers.rescaling({ scale: 1 / 255, inputShape: [8, 8, 1] }),
      layers.conv2d({ filters: 4, kernelSize: 2, activation: 'relu', name: 'conv' }),
      layers.flatten(),
      // The optimizer's own pass has the same name.
      layers.dense({ units: 3, activation: 'softmax', name: 'optimizer' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss });
  return model;
}

afterEach(() => setEngine('native'));

describe('explain', () => {
  it('lists the passes of each node', async () => {
    const explanation = await network('categoricalCrossentropy').explain({ batchSize: 6 });
    expect(explanation).toMatchObject({ model: 'network', engine: 'native', mode: 'train', batchSize: 6 });
    expect(
      explanation.nodes.map(({ name, op, passes }) => [name, op, passes.map(({ kind }) => kind)]),
    ).toEqual([
      ['rescaling_1_input', 'input', ['read']],
      ['rescaling_1', 'rescaling', []],
      ['conv', 'conv2d', ['forward', 'kernel gradient']],
      ['conv/relu', 'activation', []],
      ['flatten_1', 'reshape', []],
      ['optimizer', 'dense', ['forward', 'kernel gradient', 'input gradient']],
      ['optimizer/softmax', 'activation', []],
      ['loss', 'loss', ['loss']],
      ['optimizer', 'optimizer', ['update']],
    ]);
    expect(explanation.nodes[2]).toMatchObject({ shape: [7, 7, 4], parameters: 20 });
    const conv = 2 * 7 * 7 * 4 * 4;
    expect(explanation.flops).toBe(2 * conv + 3 * 2 * 196 * 3);
    const { memory } = explanation;
    if (!memory || explanation.threads === undefined) throw new Error('nothing is said of memory');
    const { arena, scratch, weights, gradients, optimizer, total } = memory;
    expect(total).toBe(arena + scratch * explanation.threads + weights + gradients + optimizer);
    expect(optimizer).toBe(2 * weights);
    expect(explanation.profile).toBeUndefined();
  });

  it('lists declined algorithms with their reasons', async () => {
    const { nodes } = await network('categoricalCrossentropy').explain();
    const declined = nodes.flatMap((node) => node.passes.flatMap((pass) => pass.declined));
    expect(declined.length).toBeGreaterThan(0);
    for (const { algorithm, reason } of declined) expect([algorithm, reason]).not.toContain('');
    const text = formatExplanation(await network('categoricalCrossentropy').explain());
    const [{ algorithm, reason }] = declined;
    expect(text).toContain(`: ${algorithm}: ${reason}`);
  });

  it.each(['categoricalCrossentropy', 'meanSquaredError'] as const)(
    'profiles with %s on the side: the model stays as it is',
    async (loss) => {
      const model = network(loss);
      const before = values(model.getWeights());
      const explanation = await model.explain({ batchSize: 6, profile: true });
      expect(values(model.getWeights())).toEqual(before);
      const { profile } = explanation;
      if (!profile) throw new Error('nothing was profiled');
      expect(profile.steps).toBeGreaterThanOrEqual(3);
      expect(profile.peak).toBeGreaterThan(0);
      expect(profile.samplesPerSecond).toBeCloseTo(6 / profile.seconds, 6);
      expect(profile.shareOfPeak).toBeCloseTo(
        (profile.samplesPerSecond * explanation.flops * 1e-9) / profile.peak,
        9,
      );
      const conv = explanation.nodes[2].passes[0];
      const speed = (conv.flops * 6 * 1e-9) / (conv.seconds ?? 0);
      expect((conv.gflopsPerSecond ?? 0) / speed).toBeCloseTo(1, 9);
      expect(conv.shareOfPeak).toBeCloseTo(speed / profile.peak, 9);
      expect(explanation.nodes[8].passes[0].gigabytesPerSecond).toBeGreaterThan(0);
      const text = formatExplanation(explanation);
      expect(text).toMatch(/ms\/step +GFLOP\/s +of peak +GB\/s\n/);
      expect(text).toContain(`${profile.steps} steps on random samples: `);
    },
  );

  it('profiles evaluation, prediction, and a trained model', async () => {
    const model = compiledClassifier();
    const { x, y } = tinySet(30);
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    const { iterations } = model.state.program.readOptimizer();
    for (const mode of ['train', 'evaluate', 'predict'] as const) {
      expect((await model.explain({ mode, profile: true })).profile?.steps).toBeGreaterThanOrEqual(3);
    }
    expect(model.state.program.readOptimizer().iterations).toBe(iterations);
  });

  it('explains prediction before compile', async () => {
    const model = tinyClassifier();
    const explanation = await model.explain();
    expect([explanation.mode, explanation.batchSize]).toEqual(['predict', 32]);
    expect(formatExplanation(explanation).split('\n')[0]).toMatch(
      /^tiny: predict, 32 samples a step, native engine \(\w+, \d+ threads?\)$/,
    );
    await expectError(() => model.explain({ mode: 'train' }), 'NOT_COMPILED', /compile/);
  });

  it('names the reference engine, and refuses to profile it', async () => {
    setEngine('reference');
    const model = compiledClassifier();
    const explanation = await model.explain({ batchSize: 2 });
    expect(explanation).toMatchObject({ engine: 'reference', flops: 3 * 2 * (4 * 5 + 5 * 3) });
    expect(explanation.memory).toBeUndefined();
    expect(formatExplanation(explanation)).toMatch(/^tiny: train, 2 samples a step, reference engine\n/);
    await expectError(() => model.explain({ profile: true }), 'UNSUPPORTED', /setEngine\('native'\)/);
  });

  it('refuses invalid options', async () => {
    const model = tinyClassifier();
    const wrong = (options: object) => () => model.explain(options);
    await expectError(wrong({ mode: 'fit' }), 'INVALID_ARGUMENT', /'fit'.*train, evaluate, predict/);
    await expectError(wrong({ batchSize: 0 }), 'INVALID_ARGUMENT', /batchSize is 0/);
    await expectError(wrong({ profile: 1 }), 'INVALID_ARGUMENT', /profile is 1/);
    await expectError(wrong({ batchsize: 3 }), 'UNKNOWN_OPTION', /'batchSize'/);
    model.dispose();
    await expectError(() => model.explain(), 'DISPOSED');
  });
});
