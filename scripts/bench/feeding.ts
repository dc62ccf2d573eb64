import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import * as tf from '../../lib/index.js';
import { setThreads } from '../../lib/program/native-engine.js';
import { RandomGenerator } from '../../lib/random/index.js';
import { buildNetwork } from './networks/network.js';
import { MOBILENET } from './networks/small-images.js';
import { formatNumber, formatTable } from '../../lib/compare/format.js';
import { machineFacts } from './support/machine.js';
import { summarize } from '../../lib/compare/statistics.js';

const HELP = `Usage: npm run bench:feeding -- [options]

Trains MobileNet from memory, from JPEGs in folders and from a CSV file, an epoch of each in turn, and reads the
same data without training. Prints images a second, and the median ratio to the speed from memory.

  --size N      height and width of the network's input (32)
  --stored N    height and width of the JPEGs (as --size)
  --batches N   batches of 64 images in an epoch (12)
  --rounds N    epochs of each, without the first (5)
  --threads N   threads of training (all processors)
  --help        this text
`;

type Batch = { xs: tf.Tensor; ys: tf.Tensor };
type Source = tf.data.Dataset<Batch>;

interface Setting {
  folder: string;
  size: number;
  stored: number;
  count: number;
}

/** Smooth coloured noise, of the detail of a photo: values of a coarse grid, enlarged, and some grain. */
async function drawImage(random: RandomGenerator, size: number): Promise<Buffer> {
  const draw = (length: number, range: number) =>
    Buffer.from(Array.from({ length }, () => random.integer(range)));
  const grid = sharp(draw(8 * 8 * 3, 256), { raw: { width: 8, height: 8, channels: 3 } });
  const pixels = await grid.resize(size, size, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer();
  const grain = draw(pixels.length, 24);
  return Buffer.from(pixels.map((value, i) => Math.min(255, Math.max(0, value + grain[i] - 12))));
}

/** Writes the images as JPEGs, in a folder for each of ten classes. */
async function writeJpegs({ folder, stored, count }: Setting): Promise<void> {
  const random = new RandomGenerator(1);
  for (let label = 0; label < 10; label++)
    await mkdir(path.join(folder, `class-${label}`), { recursive: true });
  for (let i = 0; i < count; i++) {
    const raw = { width: stored, height: stored, channels: 3 as const };
    const jpeg = await sharp(await drawImage(random, stored), { raw })
      .jpeg({ quality: 90 })
      .toBuffer();
    await writeFile(path.join(folder, `class-${i % 10}`, `${i}.jpg`), jpeg);
  }
}

/** Writes a line for each image: its label, and its values. */
async function writeCsv(file: string, images: readonly tf.data.LabelledImage[]): Promise<void> {
  const stream = createWriteStream(file);
  stream.write(`label,${Array.from({ length: images[0].xs.size }, (_, i) => `pixel${i}`)}\n`);
  for (const { xs, ys } of images) stream.write(`${ys},${xs.dataSync().join()}\n`);
  await new Promise((resolve) => stream.end(resolve));
}

async function makeSources({ folder, size, count }: Setting): Promise<Record<string, Source>> {
  const read = (decoder: tf.data.ImageDecoder) => tf.data.images(folder, { size, decoder });
  const byNapi = await read('@napi-rs/image');
  const images = await byNapi.shuffle(count, 1).toArray();
  const file = path.join(folder, 'images.csv');
  await writeCsv(file, images);
  const columnConfigs = { label: { isLabel: true } };
  const rows = tf.data.csv<tf.data.LabelledCsvElement>(file, { columnConfigs });
  const { batch } = MOBILENET;
  return {
    memory: tf.data.array(await tf.data.array(images).batch(batch).toArray()),
    'JPEG, @napi-rs/image': byNapi.shuffle(count, 1).batch(batch),
    'JPEG, sharp': (await read('sharp')).shuffle(count, 1).batch(batch),
    'CSV, tensors': rows.tensors({ shape: [size, size, 3], dtype: 'uint8' }).batch(batch) as Source,
  };
}

/** Images a second of each source, in each round, with the time of the first epochs left out. */
async function measure(
  sources: Record<string, Source>,
  rounds: number,
  count: number,
  run: (source: Source) => Promise<unknown>,
): Promise<Record<string, number[]>> {
  const rates: Record<string, number[]> = {};
  for (let round = 0; round <= rounds; round++) {
    for (const [name, source] of Object.entries(sources)) {
      const started = performance.now();
      await run(source);
      if (round === 0) rates[name] = [];
      else rates[name].push((1000 * count) / (performance.now() - started));
    }
  }
  return rates;
}

async function readAll(source: Source): Promise<void> {
  for await (const { xs } of source) xs.dispose();
}

async function main(): Promise<void> {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    options: {
      size: text('32'),
      stored: { type: 'string' },
      batches: text('12'),
      rounds: text('5'),
      threads: text(String(os.availableParallelism())),
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const size = Number(values.size);
  const rounds = Number(values.rounds);
  const count = Number(values.batches) * MOBILENET.batch;
  setThreads(Number(values.threads));
  const folder = await mkdtemp(path.join(tmpdir(), 'convforge-feeding-'));
  try {
    const setting = { folder, size, stored: Number(values.stored ?? size), count };
    await writeJpegs(setting);
    const sources = await makeSources(setting);
    const { model } = buildNetwork({ ...MOBILENET, input: [size, size, 3] });
    const training = await measure(sources, rounds, count, (source) =>
      model.fitDataset(source, { epochs: 1, verbose: 0 }),
    );
    const { memory: _, ...files } = sources;
    const reading = await measure(files, rounds, count, readAll);
    const rows = Object.entries(training).map(([name, rates]) => {
      const { median: ratio, low, high } = summarize(rates.map((rate, i) => rate / training.memory[i]));
      const alone = reading[name] ? formatNumber(summarize(reading[name]).median) : '';
      const quartiles = `${low.toFixed(2)} .. ${high.toFixed(2)}`;
      return [name, formatNumber(summarize(rates).median), ratio.toFixed(2), quartiles, alone];
    });
    const { machine, node, commit } = machineFacts();
    const title = `MobileNet, ${size}x${size}, JPEGs of ${setting.stored}x${setting.stored}`;
    process.stdout.write(`${machine}; Node ${node}; ${commit ?? ''}; ${values.threads} threads\n\n`);
    const header = [title, 'images/s', 'of memory', 'quartiles', 'reading alone, images/s'];
    process.stdout.write(`${formatTable(header, rows)}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
