/**
 * A generative adversarial network: a generator draws shapes from random numbers, and a discriminator learns
 * to distinguish them from real ones (Goodfellow et al., "Generative adversarial nets", 2014; layers as in
 * Radford et al., 2015).
 *
 *     npx tsx examples/gan.ts
 *
 * GAN_STEPS sets the number of training steps. Writes convforge-out/gan.png: a row of real shapes, a row of
 * the untrained generator and a row of the trained one.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import * as tf from 'convforge';

const steps = Number(process.env.GAN_STEPS ?? 1500);
const size = 16;
const latent = 16;
const batchSize = 32;
const windows = { kernelSize: 4, strides: 2, padding: 'same' } as const;

/** Maps random numbers to an image in [0, 1]. */
function makeGenerator(): tf.Sequential {
  const start = size / 4;
  return tf.sequential({
    name: 'generator',
    layers: [
      tf.layers.dense({ units: start * start * 32, useBias: false, inputShape: [latent] }),
      tf.layers.batchNormalization({ momentum: 0.9 }),
      tf.layers.activation({ activation: 'relu' }),
      tf.layers.reshape({ targetShape: [start, start, 32] }),
      tf.layers.conv2dTranspose({ filters: 16, ...windows, activation: 'relu' }),
      tf.layers.conv2dTranspose({ filters: 1, ...windows, activation: 'sigmoid' }),
    ],
  });
}

/** Maps an image to the probability that it is real. */
function makeDiscriminator(): tf.Sequential {
  return tf.sequential({
    name: 'discriminator',
    layers: [
      tf.layers.conv2d({ filters: 16, ...windows, inputShape: [size, size, 1] }),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.conv2d({ filters: 32, ...windows }),
      tf.layers.leakyReLU({ alpha: 0.2 }),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
}

const adam = (learningRate: number) => tf.optimizers.adam({ learningRate, beta1: 0.5 });

/** White discs and rings of random position and size on black: [count, size, size, 1]. */
function drawDiscs(count: number): tf.Tensor {
  const [radii, holes, rows, columns] = [0, 1, 2, 3].map(() => tf.randomUniform([count]).dataSync());
  const values = Float32Array.from({ length: count * size * size }, (_, at) => {
    const i = Math.floor(at / (size * size));
    const radius = size * (0.25 + 0.15 * radii[i]);
    const centre = (share: number) => radius + (size - 2 * radius) * share;
    const y = (Math.floor(at / size) % size) + 0.5 - centre(rows[i]);
    const x = (at % size) + 0.5 - centre(columns[i]);
    const inside = radius - Math.hypot(x, y);
    const outside = holes[i] < 0.5 ? 1 : Math.hypot(x, y) - radius / 2;
    return Math.min(1, Math.max(0, Math.min(inside, outside) + 0.5));
  });
  return tf.tensor(values, [count, size, size, 1]);
}

/**
 * The mean distance of images to their nearest real image. A distance is the mean absolute difference of
 * pixels.
 */
function distance(images: tf.Tensor, real: tf.Tensor): number {
  const [values, drawn] = [images.dataSync(), real.dataSync()];
  const pixels = size * size;
  let sum = 0;
  for (let i = 0; i < images.shape[0]; i++) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let j = 0; j < real.shape[0]; j++) {
      let difference = 0;
      for (let k = 0; k < pixels; k++) difference += Math.abs(values[i * pixels + k] - drawn[j * pixels + k]);
      nearest = Math.min(nearest, difference / pixels);
    }
    sum += nearest;
  }
  return sum / images.shape[0];
}

async function main(): Promise<void> {
  tf.setSeed(1);
  const real = drawDiscs(1024);
  const [generator, discriminator] = [makeGenerator(), makeDiscriminator()];
  // trainable takes effect when a model is compiled: the discriminator keeps learning by itself, but is
  // frozen in `combined`.
  discriminator.compile({ optimizer: adam(0.0004), loss: 'binaryCrossentropy' });
  discriminator.trainable = false;
  const combined = tf.sequential({ name: 'gan', layers: [generator, discriminator] });
  combined.compile({ optimizer: adam(0.001), loss: 'binaryCrossentropy' });

  const samples = tf.randomNormal([8, latent]);
  const before = await generator.predict(samples);
  const labels = tf.concat([tf.fill([batchSize, 1], 0.9), tf.zeros([batchSize, 1])]);
  for (let step = 1; step <= steps; step++) {
    const first = (step * batchSize) % (real.shape[0] - batchSize);
    const fake = await generator.predict(tf.randomNormal([batchSize, latent]));
    const images = tf.concat([real.slice(first, batchSize), fake]);
    const discriminatorLoss = await discriminator.trainOnBatch(images, labels);
    const generatorLoss = await combined.trainOnBatch(
      tf.randomNormal([2 * batchSize, latent]),
      tf.ones([2 * batchSize, 1]),
    );
    if (step % 250 === 0)
      console.log(
        `step ${step}: discriminator's loss ${Number(discriminatorLoss).toFixed(3)}, generator's ${Number(generatorLoss).toFixed(3)}`,
      );
  }
  const after = await generator.predict(samples);
  const distances = [before, after, drawDiscs(8)].map((images) => distance(images, real).toFixed(3));
  console.log(
    `Distance to the nearest real shape: ${distances[0]} untrained, ${distances[1]} trained, ${distances[2]} other real shapes`,
  );

  const rows = [real.slice(0, 8), before, after].map((images) => tf.concat(images.unstack(), 1));
  await mkdir('convforge-out', { recursive: true });
  await writeFile('convforge-out/gan.png', await tf.node.encodePng(tf.concat(rows, 0).mul(255)));
  console.log('Real, untrained, trained: convforge-out/gan.png');
}

main();
