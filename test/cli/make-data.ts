import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const SIDE = 28;

/** Writes IDX files of images whose upper or lower half is bright: label 0 or 1. */
export function makeIdxFolder(folder: string, { train, test }: { train: number; test?: number }): string {
  mkdirSync(folder, { recursive: true });
  const write = (part: string, count: number) => {
    const images = new Uint8Array(count * SIDE * SIDE);
    const labels = Uint8Array.from({ length: count }, (_, sample) => sample % 2);
    for (const [sample, label] of labels.entries()) {
      const from = sample * SIDE * SIDE + label * 14 * SIDE;
      images.fill(100 + (sample % 100), from, from + 14 * SIDE);
    }
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idx([count, SIDE, SIDE], images));
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idx([count], labels));
  };
  write('train', train);
  if (test !== undefined) write('t10k', test);
  return folder;
}

function idx(shape: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(8, 2);
  header.writeUInt8(shape.length, 3);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, values]);
}

/** The classes of `makePhotos`, in the order of their numbers. */
export const COLOURS = ['blue', 'green', 'red'] as const;

const RGB = { blue: [40, 60, 200], green: [40, 200, 60], red: [200, 50, 50] } as const;

/** Writes PNG files of one colour each, 20 pixels wide and 16 high, in a subfolder for each class. */
export async function makePhotos(
  folder: string,
  count: number,
  colours: readonly (typeof COLOURS)[number][] = COLOURS,
): Promise<string> {
  for (const colour of colours) {
    mkdirSync(join(folder, colour), { recursive: true });
    for (let i = 0; i < count; i++) {
      const [r, g, b] = RGB[colour].map((value) => value - i);
      const create = { width: 20, height: 16, channels: 3 as const, background: { r, g, b } };
      await sharp({ create })
        .png()
        .toFile(join(folder, colour, `${i}.png`));
    }
  }
  return folder;
}

/** A user's module whose function makes a small network. `before` runs at its start. */
export function moduleOfNetwork(kind: 'mjs' | 'cjs', before = ''): string {
  const network = `(inputShape, classes) => {
  return tf.sequential({
    name: 'mine',
    layers: [
      tf.layers.rescaling({ scale: 1 / 255, inputShape }),
      tf.layers.randomFlip({ mode: 'horizontal' }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, activation: 'relu' }),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: 0.2 }),
      tf.layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });
}`;
  const main = JSON.stringify(join(__dirname, '..', '..', 'dist', kind === 'cjs' ? 'main.js' : 'main.mjs'));
  return kind === 'cjs'
    ? `const tf = require(${main});\n${before}\nmodule.exports = { model: ${network} };\n`
    : `import * as tf from ${main};\n${before}\nexport default async ${network}\n`;
}
