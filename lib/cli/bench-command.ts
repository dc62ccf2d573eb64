import type { Command } from 'commander';
import { throwIfAborted, untilAborted } from '../aborts.js';
import { lenet } from '../applications/index.js';
import { formatCount } from '../callbacks/format.js';
import type { LayersModel } from '../models/index.js';
import { engineInfo } from '../program/native-engine.js';
import { setSeed } from '../random/index.js';
import { randomUniform, type Tensor } from '../tensor/index.js';
import { addCommand, addThreads, type CommandContext } from './command.js';
import { describeMachine } from '../machine.js';
import { wholeNumber } from './option-values.js';

interface BenchFlags {
  batch: number;
  seconds: number;
  json?: boolean;
}

/** What is measured: images a second of each turn, from the slowest to the fastest. */
interface Measured {
  median: number;
  slowest: number;
  fastest: number;
  turns: number;
}

/** Images of a turn, which are random. */
const IMAGES = 2048;

/** Adds `convforge bench`. */
export function addBench(program: Command, context: CommandContext): void {
  const command = addCommand(program, {
    usage: 'bench',
    summary: "measures this machine's speed",
    description:
      'Measures how many images a second LeNet trains on and classifies on this machine: medians of many turns after a warm-up, on random images of 28x28.',
    examples: [
      ['convforge bench', 'with all threads, in half a minute'],
      ['convforge bench --threads 1 --json', 'on one thread, as JSON'],
    ],
    notes: 'Nothing else should run meanwhile.',
  })
    .option('--batch <n>', 'images in a step', wholeNumber('batch', 1, IMAGES), 128)
    .option('--seconds <n>', 'how long to measure each of the two', wholeNumber('seconds', 1, 3600), 15)
    .option('--json', 'print the result as JSON');
  addThreads(command).action((flags: BenchFlags) =>
    untilAborted(bench(flags, context), { signal: context.signal }),
  );
}

async function bench({ batch, seconds, json }: BenchFlags, { signal, print }: CommandContext): Promise<void> {
  setSeed(1);
  const model = lenet({ inputShape: [28, 28, 1], classes: 10 });
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const images = randomUniform([IMAGES, 28, 28, 1], 0, 256, 'uint8', 1);
  const labels = randomUniform([IMAGES], 0, 10, 'int32', 2);
  const run = { batch, seconds, signal };
  const info = engineInfo();
  if (!json) print(`convforge ${info.version} on ${describeMachine(info)}; LeNet, batches of ${batch}`);
  const training = await measure(run, () => trainOnce(model, images, labels, run));
  if (!json) print(show('Training', training));
  const inference = await measure(run, async () => {
    await model.predict(images, { batchSize: batch, signal });
  });
  if (!json) return print(show('Inference', inference));
  const { version, isa, threads } = info;
  print(JSON.stringify({ version, isa, threads, batch, unit: 'images/s', training, inference }));
}

async function trainOnce(
  model: LayersModel,
  images: Tensor,
  labels: Tensor,
  { batch, signal }: { batch: number; signal: AbortSignal },
): Promise<void> {
  await model.fit(images, labels, { batchSize: batch, verbose: 0, signal });
}

/** Repeats `turn`, which computes all images, for the given time, and once before as a warm-up. */
async function measure(
  { seconds, signal }: { seconds: number; signal: AbortSignal },
  turn: () => Promise<void>,
): Promise<Measured> {
  await turn();
  const rates: number[] = [];
  const end = performance.now() + seconds * 1000;
  do {
    throwIfAborted(signal);
    const start = performance.now();
    await turn();
    rates.push((1000 * IMAGES) / (performance.now() - start));
  } while (performance.now() < end);
  rates.sort((a, b) => a - b);
  const median = rates[rates.length >> 1];
  return { median, slowest: rates[0], fastest: rates[rates.length - 1], turns: rates.length };
}

function show(what: string, { median, slowest, fastest, turns }: Measured): string {
  const range = `${formatCount(slowest)} to ${formatCount(fastest)} in ${turns} turns`;
  return `${what.padEnd(9)}  ${formatCount(median)} images/s  (${range})`;
}
