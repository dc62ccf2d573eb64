import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as tf from '../../lib/index.js';

/** The names that examples use without making them. */
export const NAMES = `
const { callbacks, report } = tf;
declare const model: tf.Sequential;
declare const x: tf.Tensor;
declare const y: tf.Tensor;
declare const images: tf.Tensor;
declare const labels: tf.Tensor;
declare const testImages: tf.Tensor;
declare const testLabels: tf.Tensor;
declare const bytes: Uint8Array;
declare function show(...values: unknown[]): void;
`;

/** What running examples import beside what they say. */
export const IMPORTS = `
import { readFileSync as readBytes } from 'node:fs';
import { classifier, smallSet } from './support.mjs';
`;

/** What the names mean in examples that run, for images of this number of channels. */
export const valuesFor = (channels: number) => `
const { callbacks, report } = tf;
const model = classifier(${channels});
const x = tf.randomUniform([20, 16, 16, ${channels}], 0, 256, 'uint8', 1);
const y = tf.range(0, 20).greater(9).toInt();
const [images, labels, testImages, testLabels] = [x, y, x, y];
const bytes = readBytes('photos/cats/0.png');
const show = (...values) => {};
`;

const SUPPORT = `
import * as tf from 'convforge';

/** A small set in the place of Fashion-MNIST. */
export async function smallSet() {
  const labelled = (count) => ({
    images: tf.randomUniform([count, 28, 28, 1], 0, 256, 'uint8', 1),
    labels: tf.range(0, count).sub(tf.range(0, count).div(10).floor().mul(10)).toInt(),
  });
  return { train: labelled(400), test: labelled(20), classNames: [...'abcdefghij'] };
}

/** Takes images of any size. */
export function classifier(channels) {
  const model = tf.sequential({
    layers: [
      tf.layers.rescaling({ scale: 1 / 255, inputShape: [null, null, channels] }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', name: 'conv' }),
      tf.layers.globalAveragePooling2d(),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}
`;

/** A program on the small set, in one epoch and on a free port. */
export function shortened(code: string): string {
  return code
    .replace(/tf\.datasets\.(fashionMnist|emnist)\([^)]*\)/g, 'smallSet()')
    .replace(/\bepochs(: | = )\d+/g, 'epochs$11')
    .replace('.listen(3000', '.listen(0');
}

/** Makes a folder from which programs import the package, with images, CSV files and a model that they read. */
export async function fill(folder: string): Promise<void> {
  for (const name of ['node_modules', 'photos/cats', 'photos/dogs', 'my-photos']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  symlinkSync(resolve('.'), join(folder, 'node_modules/convforge'), 'junction');
  symlinkSync(resolve('node_modules/@types'), join(folder, 'node_modules/@types'), 'junction');
  writeFileSync(join(folder, 'support.mjs'), SUPPORT);
  for (const [name, level] of [
    ['cats', 40],
    ['dogs', 200],
  ] as const) {
    for (let i = 0; i < 20; i++) {
      const image = tf.randomUniform([24, 20, 3], level, level + 50, 'uint8', i);
      writeFileSync(join(folder, `photos/${name}/${i}.png`), await tf.node.encodePng(image));
    }
  }
  const pixels = Array.from({ length: 784 }, (_, i) => `pixel${i}`);
  const zeros = pixels.map(() => '0').join(',');
  const digits = [`label,${pixels.join(',')}`, `0,${zeros}`, `1,${zeros}`];
  writeFileSync(join(folder, 'fashion-mnist_train.csv'), digits.join('\n'));
  copyFileSync(resolve('test/io/keras/cases/tutorial_adam.keras'), join(folder, 'model.keras'));
  copyFileSync(resolve('test/onnx/cases/bn_residual.onnx'), join(folder, 'model.onnx'));
  const graph = resolve('test/io/keras/cases/graph_mobile_graph');
  cpSync(graph, join(folder, 'web-model'), { recursive: true });
  writeFileSync(join(folder, 'houses.csv'), 'rooms,price\n3,100\n4,150\n');
}

/** Runs Node in a folder. Resolves to what it prints; rejects with that if it fails. */
export async function node(folder: string, ...args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, args, { cwd: folder });
  const { stdout } = await run.catch((error) => {
    throw new Error(`${error.stdout}${error.stderr}`);
  });
  return stdout;
}

/** Type-checks files of a folder. `options` are the compiler's, beside those that all have. */
export async function typeCheck(folder: string, files: readonly string[], options: object): Promise<void> {
  const shared = { module: 'nodenext', target: 'es2022', noEmit: true, skipLibCheck: true, types: ['node'] };
  const config = { compilerOptions: { ...shared, strict: true, ...options }, files };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await node(folder, resolve('node_modules/typescript/bin/tsc'), '-p', join(folder, 'tsconfig.json'));
}
