import { FASHION_MNIST } from '../datasets/fashion-mnist.js';
import type { ImageSet } from '../datasets/image-set.js';
import { MNIST } from '../datasets/mnist.js';
import { checkFolder } from './check-folder.js';
import { loadSet } from './load-set.js';
import { train, WRITTEN } from './train.js';
import { type DatasetName, readTrainArguments, TRAIN_HELP } from './train-arguments.js';

const SETS: Record<DatasetName, ImageSet> = { 'fashion-mnist': FASHION_MNIST, mnist: MNIST };

/**
 * `convforge train`. During training, Ctrl-C ends it with ABORTED; before, it ends the process. Throws
 * UsageError; IO_ERROR.
 */
export async function trainCommand(args: readonly string[]): Promise<void> {
  const read = readTrainArguments(args);
  if (read === 'help') {
    process.stdout.write(TRAIN_HELP);
    return;
  }
  if (read.threads !== undefined) process.env.CONVFORGE_THREADS = String(read.threads);
  await checkFolder('out', read.out, WRITTEN);
  const set = SETS[read.dataset];
  const data = await loadSet(set, console.log);
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once('SIGINT', abort);
  try {
    await train(read, { data, title: set.title, signal: controller.signal });
  } finally {
    process.removeListener('SIGINT', abort);
  }
}
