// A curve from points: normalized tensors, tf.losses and metrics as functions, epochs watched, predictions brought back.
const tf = require('@tensorflow/tfjs-node');

const points = Array.from({ length: 120 }, (_, i) => ({ x: i / 6, y: 3 * (i / 6) - 20 + Math.sin(i) / 4 }));

function normalize(tensor) {
  const max = tensor.max();
  const min = tensor.min();
  return { values: tensor.sub(min).div(max.sub(min)), max, min };
}

async function run() {
  tf.util.shuffle(points);
  const [inputs, labels] = tf.tidy(() => [
    normalize(
      tf.tensor2d(
        points.map(({ x }) => x),
        [points.length, 1],
      ),
    ),
    normalize(
      tf.tensor2d(
        points.map(({ y }) => y),
        [points.length, 1],
      ),
    ),
  ]);

  const model = tf.sequential();
  model.add(tf.layers.dense({ inputDim: 1, units: 8, useBias: true, activation: 'sigmoid' }));
  model.add(
    tf.layers.dense({
      units: 1,
      kernelRegularizer: tf.regularizers.l2({ l2: 1e-7 }),
      kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }),
    }),
  );
  model.compile({ optimizer: tf.train.adam(0.05), loss: tf.losses.meanSquaredError, metrics: ['mse'] });

  const seen = [];
  await model.fit(inputs.values, labels.values, {
    batchSize: 32,
    epochs: 80,
    shuffle: true,
    yieldEvery: 'epoch',
    callbacks: {
      onEpochEnd: (epoch, { loss, mse }) => {
        seen.push(loss);
        if (epoch === 79) console.log(`last: loss ${loss.toFixed(4)}, mse ${mse.toFixed(4)}`);
      },
    },
  });

  const [xs, predictions] = tf.tidy(() => {
    const spread = tf.linspace(0, 1, 50);
    const guessed = model.predict(spread.reshape([50, 1]), { verbose: false });
    const back = guessed.mul(labels.max.sub(labels.min)).add(labels.min);
    return [spread.mul(inputs.max.sub(inputs.min)).add(inputs.min).dataSync(), back.dataSync()];
  });
  const errors = Array.from(xs, (x, i) => Math.abs(predictions[i] - (3 * x - 20)));
  const again = tf.losses.meanSquaredError(labels.values, model.predict(inputs.values));
  const rows = tf.metrics.meanSquaredError(labels.values, model.predict(inputs.values));
  console.log(
    `RESULT ${JSON.stringify({
      fell: seen[79] < seen[0],
      worst: Math.max(...errors),
      same: Math.abs(again.dataSync()[0] - rows.mean().dataSync()[0]) < 1e-6,
    })}`,
  );
}

run();
