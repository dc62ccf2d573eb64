import { type DatasetOptions, fashionMnist, type ImageDataset, mnist } from '../datasets/index.js';
import { checkFolder } from './check-folder.js';
import { train, WRITTEN } from './train.js';
import { type DatasetName, readTrainArguments, TRAIN_HELP } from './train-arguments.js';

interface NamedSet {
  title: string;
  load(options: DatasetOptions): Promise<ImageDataset>;
}

const SETS: Record<DatasetName, NamedSet> = {
  'fashion-mnist': { title: 'Fashion-MNIST', load: fashionMnist },
  mnist: { title: 'MNIST', load: mnist },
};

/** `convforge train`. Ctrl-C ends it with ABORTED once training has begun, and at once before. Throws UsageError; IO_ERROR. */
export async function trainCommand(args: readonly string[]): Promise<void> {
  const read = readTrainArguments(args);
  if (read === 'help') {
    process.stdout.write(TRAIN_HELP);
    return;
  }
  if (read.threads !== undefined) process.env.CONVFORGE_THREADS = String(read.threads);
  await checkFolder('out', read.out, WRITTEN);
  const { title, load } = SETS[read.dataset];
  const data = await load({ log: console.log });
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once('SIGINT', abort);
  try {
    await train(read, { data, title, signal: controller.signal });
  } finally {
    process.removeListener('SIGINT', abort);
  }
}
