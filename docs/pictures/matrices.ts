/** Pictures of convolution, stride, padding, ReLU and pooling. Every result is computed by convforge. */
import * as tf from 'convforge';
import { CELL, drawMatrix, drawPicture, drawWindow, type Matrix, text } from './svg.js';

const IMAGE: Matrix = [
  [1, 1, 1, 0, 0],
  [0, 1, 1, 1, 0],
  [0, 0, 1, 1, 1],
  [0, 0, 1, 1, 0],
  [0, 1, 1, 0, 0],
];
const FILTER: Matrix = [
  [1, 0, 1],
  [0, 1, 0],
  [1, 0, 1],
];
/** Responds to brightness that grows from left to right. */
const EDGE: Matrix = [
  [-1, 0, 1],
  [-1, 0, 1],
  [-1, 0, 1],
];
const TO_POOL: Matrix = [
  [1, 3, 2, 1],
  [4, 6, 5, 0],
  [3, 1, 1, 2],
  [0, 2, 4, 8],
];

const LEFT = 24;
const TOP = 48;

export function convolution(): string {
  const output = convolve(IMAGE, FILTER, 1, 'valid');
  const filterX = LEFT + 5 * CELL + 44;
  const outputX = filterX + 3 * CELL + 44;
  const middle = TOP + 2.5 * CELL;
  const products = FILTER.flatMap((row, i) => row.map((weight, j) => `${IMAGE[i][j]}·${weight}`));
  const isInside = (row: number, column: number) => row < 3 && column < 3;
  return drawPicture({
    description: `A 5x5 image, a 3x3 filter and their 3x3 feature map. The first output is ${output[0][0]}.`,
    width: outputX + 3 * CELL + LEFT,
    height: TOP + 5 * CELL + 44,
    parts: [
      drawMatrix(IMAGE, {
        x: LEFT,
        y: TOP,
        title: 'image, 5×5',
        classOf: (i, j) => (isInside(i, j) ? 'marked' : ''),
        cornerOf: (i, j) => (isInside(i, j) ? `×${FILTER[i][j]}` : undefined),
      }),
      drawWindow(LEFT, TOP, 0, 0, 3),
      text(filterX - 22, middle, '∗', 'sign'),
      drawMatrix(FILTER, { x: filterX, y: TOP + CELL, title: 'filter, 3×3' }),
      text(outputX - 22, middle, '=', 'sign'),
      drawMatrix(output, {
        x: outputX,
        y: TOP + CELL,
        title: 'feature map, 3×3',
        classOf: (i, j) => (i + j === 0 ? 'marked' : ''),
      }),
      text(LEFT, TOP + 5 * CELL + 26, `${products.join(' + ')} = ${output[0][0]}`, 'left'),
    ],
  });
}

export function stride(): string {
  const parts = [1, 2].flatMap((step, which) => {
    const x = LEFT + which * (5 * CELL + 44);
    const size = convolve(IMAGE, FILTER, step, 'valid').length;
    const isCentre = (i: number, j: number) =>
      [i, j].every((at) => (at - 1) % step === 0 && at > 0 && at < 4);
    return [
      drawMatrix(IMAGE, {
        x,
        y: TOP,
        title: `stride ${step}: ${size}×${size} outputs`,
        classOf: (i, j) => (isCentre(i, j) ? 'marked' : ''),
      }),
      drawWindow(x, TOP, 0, 0, 3),
      drawWindow(x, TOP, 0, step, 3, true),
    ];
  });
  return drawPicture({
    description: 'With stride 1 a 3x3 window has nine positions in a 5x5 image, with stride 2 it has four.',
    width: 2 * LEFT + 10 * CELL + 44,
    height: TOP + 5 * CELL + LEFT,
    parts,
  });
}

export function padding(): string {
  const output = convolve(IMAGE, FILTER, 1, 'same');
  const padded = tf.pad(tf.tensor2d(IMAGE.flat(), [5, 5]), [
    [1, 1],
    [1, 1],
  ]);
  const isPadded = (row: number, column: number) => Math.min(row, column, 6 - row, 6 - column) === 0;
  return drawStep(
    'A 5x5 image with a border of zeros, and its 5x5 feature map.',
    {
      matrix: padded.arraySync() as number[][],
      title: 'image with padding 1',
      classOf: (i, j) => (isPadded(i, j) ? 'padded' : ''),
    },
    { matrix: output, title: 'feature map, 5×5', classOf: (i, j) => (i + j === 0 ? 'marked' : '') },
    [drawWindow(LEFT, TOP, 0, 0, 3)],
  );
}

export function relu(): string {
  const before = convolve(IMAGE, EDGE, 1, 'same');
  const after = tf.ops.relu(tf.tensor2d(before.flat(), [5, 5])).arraySync() as number[][];
  const classOf = (i: number, j: number) => (before[i][j] < 0 ? 'negative' : '');
  return drawStep(
    'A feature map before and after ReLU: its negative values become 0.',
    { matrix: before, title: 'before ReLU', classOf },
    { matrix: after, title: 'max(0, x)', classOf },
  );
}

/** A square matrix with its title and the class of each cell. */
interface TitledMatrix {
  matrix: Matrix;
  title: string;
  classOf: (row: number, column: number) => string;
}

/** A matrix, an arrow, and what becomes of the matrix. `marks` lie over the first. */
function drawStep(
  description: string,
  { matrix: before, ...first }: TitledMatrix,
  { matrix: after, ...second }: TitledMatrix,
  marks: readonly string[] = [],
): string {
  const x = LEFT + before.length * CELL + 48;
  return drawPicture({
    description,
    width: x + after.length * CELL + LEFT,
    height: TOP + before.length * CELL + LEFT,
    parts: [
      drawMatrix(before, { x: LEFT, y: TOP, ...first }),
      ...marks,
      text(x - 24, TOP + (before.length / 2) * CELL + 6, '→', 'sign'),
      drawMatrix(after, { x, y: TOP + ((before.length - after.length) / 2) * CELL, ...second }),
    ],
  });
}

export function pooling(): string {
  const image = tf.tensor3d(TO_POOL.flat(), [4, 4, 1]);
  const pooled = (pool: typeof tf.ops.maxPool) =>
    pool(image, 2, 2, 'valid').reshape([2, 2]).arraySync() as number[][];
  const colours = ['marked', 'second', 'third', 'fourth'];
  const results = { maximum: tf.ops.maxPool, average: tf.ops.avgPool, sum: tf.ops.sumPool };
  const x = LEFT + 4 * CELL + 48;
  const step = 2 * CELL + 36;
  return drawPicture({
    description: 'A 4x4 feature map, and the maximum, average and sum of each of its 2x2 windows.',
    width: x + 2 * step + 2 * CELL + LEFT,
    height: TOP + 4 * CELL + LEFT,
    parts: [
      drawMatrix(TO_POOL, {
        x: LEFT,
        y: TOP,
        title: 'feature map',
        classOf: (i, j) => colours[2 * Math.floor(i / 2) + Math.floor(j / 2)],
      }),
      text(x - 24, TOP + 2 * CELL + 6, '→', 'sign'),
      ...Object.entries(results).map(([title, pool], which) =>
        drawMatrix(pooled(pool), {
          x: x + which * step,
          y: TOP + CELL,
          title,
          classOf: (i, j) => colours[2 * i + j],
        }),
      ),
    ],
  });
}

/** One axis of a convolution: each position of the window has a bracket below the cells that it covers. */
export function outputSize(): string {
  const [size, window, pad, step] = [7, 3, 1, 2];
  const axis = tf.ops.conv2d(tf.ones([size, size, 1]), tf.ones([window, window, 1, 1]), step, pad);
  const count = axis.shape[0];
  const cells = Array.from({ length: size + 2 * pad }, (_, i) => {
    const isPadded = i < pad || i >= size + pad;
    const x = LEFT + i * CELL;
    const label = isPadded ? '0' : `x${i - pad + 1}`;
    return `<rect class="cell ${isPadded ? 'padded' : ''}" x="${x}" y="${TOP}" width="${CELL}" height="${CELL}"/>${text(x + CELL / 2, TOP + CELL / 2 + 5, label, 'number')}`;
  });
  const brackets = Array.from({ length: count }, (_, o) => {
    const [x, y, width] = [LEFT + o * step * CELL + 3, TOP + CELL + 10 + (o % 2) * 32, window * CELL - 6];
    return `<path class="window" d="M${x} ${y}v8h${width}v-8"/>${text(x + width / 2, y + 23, `y${o + 1}`, 'number')}`;
  });
  const formula = `O = ⌊(I − K + 2P) / S⌋ + 1 = ⌊(${size} − ${window} + 2·${pad}) / ${step}⌋ + 1 = ${count}`;
  return drawPicture({
    description: `One axis: ${size} pixels, padding ${pad}, a window of ${window} and stride ${step} give ${count} outputs.`,
    width: 2 * LEFT + (size + 2 * pad) * CELL + 60,
    height: TOP + CELL + 112,
    parts: [
      text(LEFT, TOP - 16, `I = ${size}, K = ${window}, P = ${pad}, S = ${step}`, 'title left'),
      ...cells,
      ...brackets,
      text(LEFT, TOP + CELL + 94, formula, 'left'),
    ],
  });
}

function convolve(image: Matrix, filter: Matrix, step: number, pad: 'valid' | 'same'): number[][] {
  const [pixels, weights] = [image, filter].map((matrix) =>
    tf.tensor2d(matrix.flat(), [matrix.length, matrix.length]),
  );
  const [size, window] = [image.length, filter.length];
  const output = tf.ops.conv2d(
    pixels.reshape([size, size, 1]),
    weights.reshape([window, window, 1, 1]),
    step,
    pad,
  );
  return output.reshape(output.shape.slice(0, 2)).arraySync() as number[][];
}
