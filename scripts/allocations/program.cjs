// Trains, predicts and more with an allocation that fails somewhere. Prints what failed, as JSON. It ends well unless an
// error has no code, a promise never settles, or the engine doesn't work afterwards.
const [, , folder, packageFolder] = process.argv;
const { arm, disarm } = require(`${folder}/arm.node`);
const tf = require(packageFolder);

const LIMIT_MS = 20_000;
const failures = [];
process.on('unhandledRejection', (error) => {
  failures.push(`unhandled: ${error.stack}`);
});

async function attempt(name, call) {
  let timer;
  const never = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('never settled')), LIMIT_MS);
  });
  try {
    await Promise.race([call(), never]);
  } catch (error) {
    failures.push(
      error instanceof tf.ConvforgeError ? `${name}: ${error.code}` : `${name}: untyped ${error.stack}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

async function main() {
  tf.engineInfo();
  const x = tf.randomUniform([20, 8, 8, 1], 0, 1, 'float32', 1);
  const y = Int32Array.from({ length: 20 }, (_, i) => i % 3);
  arm();
  const { conv2d, maxPooling2d, batchNormalization, flatten, dense } = tf.layers;
  const model = tf.sequential({
    layers: [
      conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
      maxPooling2d({ poolSize: 2 }),
      batchNormalization({}),
      flatten(),
      dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  await attempt('fit', () => model.fit(x, y, { verbose: 0, batchSize: 8, epochs: 2 }));
  await attempt('predict', async () => await model.predict(x));
  await attempt('predict and wait', async () => model.predict(x).dataSync());
  await attempt('evaluate', async () => await model.evaluate(x, y));
  await attempt('getWeights', async () => model.setWeights(model.getWeights()));
  await attempt('getWeightsAsync', async () => model.setWeightsAsync(await model.getWeightsAsync()));
  await attempt('explain', () => model.explain());
  await attempt('conv2d', async () => tf.conv2d(x, tf.ones([3, 3, 1, 2]), 1, 'same').dataSync());
  await attempt('dispose', async () => model.dispose());
  disarm();
  const again = tf.sequential({ layers: [dense({ units: 3, inputShape: [4] })] });
  const seen = failures.length;
  await attempt('afterwards', async () => await again.predict(tf.ones([1, 4])));
  if (failures.length > seen) process.exitCode = 1;
  if (failures.some((failure) => /untyped|unhandled/.test(failure))) process.exitCode = 1;
  process.stdout.write(JSON.stringify(failures));
}

main();
