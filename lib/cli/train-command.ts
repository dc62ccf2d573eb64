import { FASHION_MNIST } from '../datasets/fashion-mnist.js';
import type { ImageSet } from '../datasets/image-set.js';
import { MNIST } from '../datasets/mnist.js';
import { checkFolder } from './check-folder.js';
import { loadSet } from './load-set.js';
import { Interrupted, train, WRITTEN } from './train.js';
import { type DatasetName, readTrainArguments, TRAIN_HELP } from './train-arguments.js';

const SETS: Record<DatasetName, ImageSet> = { 'fashion-mnist': FASHION_MNIST, mnist: MNIST };

/**
 * `convforge train`. During training, Ctrl-C ends it with a checkpoint, by Interrupted; before, and when it
 * comes again, it ends the process. Throws UsageError; IO_ERROR.
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
  const interrupt = () => {
    if (controller.signal.aborted) {
      // Without a listener, the signal ends the process in the middle of a step.
      process.removeListener('SIGINT', interrupt);
      process.kill(process.pid, 'SIGINT');
    }
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  try {
    await train(read, { data, title: set.title, signal: controller.signal });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(`${error.message}; to go on: npx convforge ${resuming(args)}`);
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

/** The arguments that go on with a training of these. */
function resuming(args: readonly string[]): string {
  const others = args.filter((arg) => arg !== '--resume');
  const quoted = others.map((arg) =>
    /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`,
  );
  return ['train', ...quoted, '--resume'].join(' ');
}
