/** Images drawn for the examples, so that they need no download. */
import * as tf from 'convforge';

export const SHAPES = ['disc', 'square', 'diamond', 'cross'] as const;

export interface DrawnShapes {
  /** uint8 [count, size, size, 3]. */
  images: tf.Tensor;
  /** The index in SHAPES of each image's shape: [count]. */
  labels: tf.Tensor;
  /** The class of each pixel: 0 for the background, 1 + the label for the shape. [count, size, size] */
  masks: tf.Tensor;
}

/**
 * Draws one shape an image, of random colour, size and position, on a noisy background. Reproducible with
 * tf.setSeed.
 */
export function drawShapes(count: number, size: number): DrawnShapes {
  const random = noise();
  const images = new Uint8Array(count * size * size * 3);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % SHAPES.length);
  const masks = new Uint8Array(count * size * size);
  for (let i = 0; i < count; i++) {
    const radius = size * (0.15 + 0.15 * random());
    const [x0, y0] = [0, 0].map(() => radius + (size - 2 * radius) * random());
    const colour = [0, 0, 0].map(() => 120 + 135 * random());
    for (let pixel = 0; pixel < size * size; pixel++) {
      const x = (pixel % size) - x0;
      const y = Math.floor(pixel / size) - y0;
      const at = i * size * size + pixel;
      const isInside = covers(SHAPES[labels[i]], x / radius, y / radius);
      masks[at] = isInside ? 1 + labels[i] : 0;
      for (let channel = 0; channel < 3; channel++) {
        images[at * 3 + channel] = isInside ? colour[channel] : 100 * random();
      }
    }
  }
  return {
    images: tf.tensor(images, [count, size, size, 3]),
    labels: tf.tensor(labels, [count]),
    masks: tf.tensor(masks, [count, size, size]),
  };
}

/** Whether a shape of radius 1 around the origin covers a point. */
function covers(shape: (typeof SHAPES)[number], x: number, y: number): boolean {
  const [across, down] = [Math.abs(x), Math.abs(y)];
  switch (shape) {
    case 'disc':
      return Math.hypot(x, y) <= 1;
    case 'square':
      return Math.max(across, down) <= 0.9;
    case 'diamond':
      return across + down <= 1;
    case 'cross':
      return Math.max(across, down) <= 1 && Math.min(across, down) <= 0.3;
  }
}

/** Pseudo-random numbers in [0, 1) from setSeed's seed (Park and Miller's generator). */
function noise(): () => number {
  let state = 1 + tf.util.createShuffledIndices(2 ** 16)[0];
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
