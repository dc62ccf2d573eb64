/**
 * Two networks that learn from each other: a generator draws shapes from random numbers, a discriminator tells them from real ones
 * (Goodfellow et al., "Generative adversarial nets", 2014; the layers are those of Radford et al., 2015).
 *
 *     npx tsx examples/gan.ts
 *
 * GAN_STEPS shortens or lengthens the training. Rows of drawn shapes, of what the untrained generator makes and of what it makes in the
 * end go to convforge-out/gan.png.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import * as tf from 'convforge';

const steps = Number(process.env.GAN_STEPS ?? 1500);
const size = 16;
const latent = 16;
const batchSize = 32;
const windows = { kernelSize: 4, strides: 2, padding: 'same' } as const;

/** From random numbers to an image in [0, 1]. */
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

/** From an image to the probability that it is a real one. */
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

/** White discs and rings on black, of any place and size: [count, size, size, 1]. */
function drawDiscs(count: number): tf.Tensor {
  const [radii, holes, rows, columns] = [0, 1, 2, 3].map(() => tf.randomUniform([count]).dataSync());
  const values = Float32Array.from({ length: count * size * size }, (_, at) => {
    const i = Math.floor(at / (size * size));
    const radius = size * (0.25 + 0.15 * radii[i]);
    const place = (share: number) => radius + (size - 2 * radius) * share;
    const y = (Math.floor(at / size) % size) + 0.5 - place(rows[i]);
    const x = (at % size) + 0.5 - place(columns[i]);
    const inside = radius - Math.hypot(x, y);
    const outside = holes[i] < 0.5 ? 1 : Math.hypot(x, y) - radius / 2;
    return Math.min(1, Math.max(0, Math.min(inside, outside) + 0.5));
  });
  return tf.tensor(values, [count, size, size, 1]);
}

/** How far images are from the nearest of the real ones, on average: the mean difference of their pixels. */
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
  // trainable counts when a model is compiled: the discriminator goes on learning by itself, and is frozen within the other model.
  discriminator.compile({ optimizer: adam(0.0004), loss: 'binaryCrossentropy' });
  discriminator.trainable = false;
  const combined = tf.sequential({ name: 'gan', layers: [generator, discriminator] });
  combined.compile({ optimizer: adam(0.001), loss: 'binaryCrossentropy' });

  const shown = tf.randomNormal([8, latent]);
  const before = await generator.predict(shown);
  const labels = tf.concat([tf.fill([batchSize, 1], 0.9), tf.zeros([batchSize, 1])]);
  for (let step = 1; step <= steps; step++) {
    const first = (step * batchSize) % (real.shape[0] - batchSize);
    const fake = await generator.predict(tf.randomNormal([batchSize, latent]));
    const images = tf.concat([real.slice(first, batchSize), fake]);
    const told = await discriminator.trainOnBatch(images, labels);
    const fooled = await combined.trainOnBatch(
      tf.randomNormal([2 * batchSize, latent]),
      tf.ones([2 * batchSize, 1]),
    );
    if (step % 250 === 0)
      console.log(
        `step ${step}: discriminator's loss ${Number(told).toFixed(3)}, generator's ${Number(fooled).toFixed(3)}`,
      );
  }
  const after = await generator.predict(shown);
  const apart = [before, after, drawDiscs(8)].map((images) => distance(images, real).toFixed(3));
  console.log(
    `From the nearest drawn shape: ${apart[0]} untrained, ${apart[1]} trained, ${apart[2]} other drawn shapes`,
  );

  const rows = [real.slice(0, 8), before, after].map((images) => tf.concat(images.unstack(), 1));
  await mkdir('convforge-out', { recursive: true });
  await writeFile('convforge-out/gan.png', await tf.node.encodePng(tf.concat(rows, 0).mul(255)));
  console.log('Drawn, untrained, trained: convforge-out/gan.png');
}

main();
