import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LanguageServer } from './language-server.js';

/* The information that an editor shows for calls with generic options. */

const SOURCE = `import * as tf from 'LIB';
const conv = tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] });
const dense = tf.layers.dense({ units: 8, useBias: false });
const x = tf.input({ shape: [4] });
const norm = tf.layers.batchNormalization({ momentum: 0.9 });
tf.layers.conv2d({ filters: 3, kernelSize: 3, /*option*/ });
tf.layers.dense({ units: 3, activation: '/*activation*/', kernelInitializer: '/*initializer*/' });
tf.sequential().compile({ optimizer: '/*optimizer*/', loss: '/*loss*/', metrics: ['/*metric*/'] });
`;

describe('an editor', () => {
  let server: LanguageServer;
  beforeAll(async () => {
    server = await LanguageServer.open(SOURCE);
  });
  afterAll(() => server.close());

  it.each([
    ['filters: 8', 'umber of output channels.'],
    ['kernelSize: 3, act', 'one number for a square'],
    ["activation: 'relu'", "Default 'linear'."],
    ['inputShape', 'Shape of one sample, without the batch'],
    ['units: 8', "Size of the output's last axis."],
    ['useBias', 'Whether to add a bias to each output channel. Default true.'],
    ['shape: [4]', 'Shape of one sample, such as [28, 28, 1]'],
    ['momentum', 'Momentum of the moving statistics, in [0, 1].'],
  ])('shows the text of the option in "%s"', async (option, text) => {
    expect(await server.hover(option)).toContain(text);
  });

  it.each([
    ['/*option*/', ['activation', 'dilationRate', 'padding'], ['filters']],
    ['/*activation*/', ['relu', 'softmax', 'hardSigmoid'], ['reluu']],
    ['/*initializer*/', ['glorotUniform', 'heNormal', 'zeros'], []],
    ['/*optimizer*/', ['adam', 'sgd', 'rmsprop'], []],
    ['/*loss*/', ['categoricalCrossentropy', 'mse', 'meanSquaredError'], ['cosineDistance']],
    ['/*metric*/', ['accuracy', 'auc', 'f1Score'], ['confusionMatrix']],
  ])('completes names at %s', async (place, names, others) => {
    const offered = (await server.completions(place)).map((name) => name.replace('?', ''));
    expect(offered).toEqual(expect.arrayContaining(names));
    for (const other of others) expect(offered).not.toContain(other);
  });
});
