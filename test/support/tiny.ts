import { data, layers, type Sequential, sequential, setSeed, type Tensor, tensor } from '../../lib/index.js';

/** Two dense layers over 4 numbers, 3 classes, with the same weights each time. */
export function tinyClassifier(): Sequential {
  setSeed(7);
  return sequential({
    name: 'tiny',
    layers: [
      layers.dense({ units: 5, activation: 'tanh', inputShape: [4] }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
}

/** The model, compiled for whole-number classes, with accuracy. */
export function compiledClassifier(): Sequential {
  const model = tinyClassifier();
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/**
 * `count` samples of 4 numbers. The class, which can be learned, is the index of the largest of the first
 * three.
 */
export function tinySet(count: number): { x: Tensor; y: Tensor } {
  const x = new Float32Array(count * 4);
  const y = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    y[i] = (i * 7) % 3;
    for (let j = 0; j < 4; j++) x[i * 4 + j] = (j === y[i] ? 1 : 0) + ((i * 5 + j * 3) % 7) / 20;
  }
  return { x: tensor(x, [count, 4]), y: tensor(y, [count], 'int32') };
}

/** The samples of tinySet, one by one. */
export function tinyElements(count: number) {
  const { x, y } = tinySet(count);
  const rows = x.arraySync() as number[][];
  return data.array(rows.map((xs, i) => ({ xs, ys: y.dataSync()[i] })));
}

export function values(tensors: readonly Tensor[]): number[][] {
  return tensors.map((each) => Array.from(each.dataSync()));
}
