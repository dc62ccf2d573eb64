// The tests that each runner runs. main.mjs puts a header before them, which imports `tf`, `test` and `expect`.

const images = Float32Array.from({ length: 12 * 16 }, (_, i) => ((i * 7) % 11) / 11);
const x = () => tf.tensor(images, [12, 4, 4, 1]);
const y = () => tf.tensor(Int32Array.from({ length: 12 }, (_, i) => i % 3));

function network() {
  tf.setSeed(5);
  const model = tf.sequential([
    tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [4, 4, 1] }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

test('trains and predicts', async () => {
  const model = network();
  const { signal } = new AbortController();
  const { history } = await model.fit(x(), y(), { epochs: 3, verbose: 0, validationSplit: 0.25, signal });
  expect(history.loss).toHaveLength(3);
  const predicted = await model.predict(x());
  const values = predicted.dataSync();
  expect(values).toBeInstanceOf(Float32Array);
  expect(values).toStrictEqual(new Float32Array(values));
  expect(Array.from(values.slice(0, 3)).reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
  expect(model.getWeights()[0].dataSync()).toBeInstanceOf(Float32Array);
  expect(tf.getEngine()).toBe('native');
});

test('saves and loads', async () => {
  const folder = `file://${process.env.CHECK_FOLDER}/model-${process.pid}-${Math.random()}`;
  const model = network();
  await model.save(folder);
  const loaded = await tf.loadLayersModel(`${folder}/model.json`);
  expect(loaded.predict(x()).dataSync()).toStrictEqual(model.predict(x()).dataSync());
});

test('draws a report and reads an image', async () => {
  const series = [{ name: 'loss', y: [3, 2, 1] }];
  const svg = await tf.report.lineChart({ title: 'Loss', xLabel: 'Epoch', yLabel: 'Loss', series });
  expect(svg).toMatch(/^<svg/);
  const png = await tf.node.encodePng(tf.tensor(new Int32Array([1, 2, 3]), [1, 1, 3]));
  const image = await tf.node.decodeImage(png);
  expect(Array.from(image.dataSync())).toEqual([1, 2, 3]);
});

test('refuses bad input by typed errors', async () => {
  const refusal = async (action) => {
    try {
      await action();
    } catch (error) {
      return error;
    }
  };
  const errors = [
    await refusal(() => network().predict(tf.tensor([1, 2, 3]))),
    await refusal(() => network().fit(x(), tf.tensor(new Int32Array(12).fill(7)), { verbose: 0 })),
    await refusal(() => tf.setThreads(-1)),
  ];
  for (const error of errors) {
    expect(error).toBeInstanceOf(tf.ConvforgeError);
    expect(error).toBeInstanceOf(Error);
  }
  expect(errors.map(({ code }) => code)).toEqual(['SHAPE_MISMATCH', 'INVALID_LABEL', 'INVALID_ARGUMENT']);
});
