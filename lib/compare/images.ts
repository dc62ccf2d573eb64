import { RandomGenerator } from '../random/index.js';

/** uint8 images of 28 x 28 and their classes, 0 to 9. */
export interface BenchImages {
  title: string;
  images: Uint8Array;
  labels: Uint8Array;
}

const PIXELS = 28 * 28;

/** A bright square at one of ten positions, which is the class, on a dark, noisy background. */
export function drawnImages(count: number, seed = 1): BenchImages {
  const random = new RandomGenerator(seed);
  const images = new Uint8Array(count * PIXELS);
  const labels = Uint8Array.from({ length: count }, () => random.integer(10));
  for (let i = 0; i < images.length; i++) {
    const label = labels[Math.floor(i / PIXELS)];
    const [row, column] = [Math.floor((i % PIXELS) / 28), i % 28];
    const [top, left] = [4 + 11 * Math.floor(label / 5), 1 + 5 * (label % 5)];
    const isInside = row >= top && row < top + 8 && column >= left && column < left + 5;
    const noise = random.uniform();
    images[i] = isInside ? 128 + 127 * noise : noise < 0.5 ? 0 : 100 * noise;
  }
  return { title: 'drawn images', images, labels };
}
