import { join } from 'node:path';
import { namedWeights } from '../../network/file-names.js';
import { OptionChecks, show } from '../../options.js';
import { type BatchLogs, Callback, type Logs } from '../callback.js';
import { EventFile } from './event-file.js';
import type { Field } from './protobuf.js';
import { histogram, image, scalar, weightImage } from './summaries.js';

/** Options of {@link TensorBoard}. */
export interface TensorBoardOptions {
  /**
   * Folder of the event files, created if need be. Events go to its subfolders train and validation. Default
   * 'logs'.
   */
  logDir?: string;
  /** Number of epochs between histograms of all weights; 0 for none. Default 0. */
  histogramFreq?: number;
  /** Whether to write weights as images, too, whenever histograms are written. Default false. */
  writeImages?: boolean;
  /**
   * 'epoch' writes the logs of epochs. 'batch', or a number n, also writes those of every batch, or of every
   * n-th. Default 'epoch'.
   */
  updateFreq?: 'epoch' | 'batch' | number;
}

/**
 * Writes event files for TensorBoard, as Keras's callback does: scalars such as epoch_loss by epoch (from 0)
 * and batch_loss by batch; conv2d_1/kernel/histogram and conv2d_1/kernel/image by epoch.
 */
export class TensorBoard extends Callback {
  readonly #logDir: string;
  readonly #histogramFreq: number;
  readonly #writeImages: boolean;
  /** Number of training batches so far. */
  #batches = 0;
  #training: EventFile;
  #validation: EventFile;

  /** Throws UNKNOWN_OPTION, INVALID_ARGUMENT. */
  constructor(options: TensorBoardOptions = {}) {
    super();
    const checks = new OptionChecks('tensorBoard');
    checks.keys(options, ['logDir', 'histogramFreq', 'writeImages', 'updateFreq']);
    const { logDir = 'logs', updateFreq = 'epoch' } = options;
    if (typeof logDir !== 'string' || logDir === '')
      checks.fail('INVALID_ARGUMENT', `logDir is ${show(logDir)}; it must be a path.`);
    this.#logDir = logDir;
    this.#histogramFreq = checks.whole('histogramFreq', options.histogramFreq ?? 0, 0);
    this.#writeImages = checks.boolean('writeImages', options.writeImages ?? false);
    if (updateFreq !== 'epoch') this.#writeBatches(readInterval(checks, updateFreq));
    this.#training = this.#file('train');
    this.#validation = this.#file('validation');
  }

  override onTrainBegin(): void {
    this.#batches = 0;
    this.#training = this.#file('train');
    this.#validation = this.#file('validation');
  }

  override getState(): unknown {
    return { batches: this.#batches };
  }

  override setState({ batches }: { batches: number }): void {
    this.#batches = batches;
  }

  /** Rejects with IO_ERROR. */
  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    const training: Field[] = [];
    const validation: Field[] = [];
    for (const [key, value] of Object.entries(logs)) {
      if (key.startsWith('val_')) validation.push(scalar(`epoch_${key.slice(4)}`, value));
      else training.push(scalar(`epoch_${key}`, value));
    }
    if (this.#histogramFreq > 0 && epoch % this.#histogramFreq === 0)
      training.push(...(await this.#weights()));
    await this.#training.write(epoch, training);
    await this.#validation.write(epoch, validation);
  }

  /** Adds a batch hook. Only called if needed, as a batch hook makes each batch an engine run of its own. */
  #writeBatches(interval: number): void {
    this.onBatchEnd = async (_batch: number, { batch: _, size: __, ...logs }: BatchLogs) => {
      const step = this.#batches++;
      if (step % interval !== 0) return;
      const scalars = Object.entries(logs).map(([key, value]) => scalar(`batch_${key}`, value));
      await this.#training.write(step, scalars);
    };
  }

  async #weights(): Promise<Field[]> {
    const tensors = this.model.getWeights();
    const fields: Field[] = [];
    for (const [i, { name }] of namedWeights(this.model).entries()) {
      const counts = histogram(`${name}/histogram`, tensors[i].dataSync());
      if (counts) fields.push(counts);
      if (this.#writeImages) fields.push(await image(`${name}/image`, weightImage(tensors[i])));
    }
    return fields;
  }

  #file(part: string): EventFile {
    return new EventFile(join(this.#logDir, part));
  }
}

function readInterval(checks: OptionChecks, updateFreq: unknown): number {
  if (updateFreq === 'batch') return 1;
  if (typeof updateFreq !== 'number')
    checks.fail(
      'INVALID_ARGUMENT',
      `updateFreq is ${show(updateFreq)}; it must be 'epoch', 'batch' or a number of batches.`,
    );
  return checks.whole('updateFreq', updateFreq, 1);
}

/**
 * Creates a {@link TensorBoard}. `tensorBoard('logs', {...})`, as in TF.js, is the same as
 * `tensorBoard({logDir: 'logs', ...})`.
 */
export function tensorBoard(
  logDir: string | TensorBoardOptions = {},
  options: Omit<TensorBoardOptions, 'logDir'> = {},
): TensorBoard {
  return new TensorBoard(typeof logDir === 'string' ? { ...options, logDir } : logDir);
}
