import { createInterface } from 'node:readline';
import { type Inputs, readInputs } from '../inputs.js';
import type { Task, WorkerAnswer, WorkerLine } from '../protocol.js';

/** A network in one library, with the starting weights. */
export interface BuiltNetwork {
  /** The outputs of the first `count` samples, one after another. */
  outputs(count: number): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** The losses of the first training steps, from the starting weights, with a batch of new samples for each. */
  losses(steps: number, batch: number, optimizer: 'adam' | 'sgd'): Promise<number[]>;
  /** Prepares the samples. The function that it returns computes them all once, batch by batch. */
  prepare(task: Task, count: number, batch: number): () => unknown;
  dispose(): void;
}

/** A library that can build networks. */
export interface Library {
  version: string;
  /** How it computes: backend, engine, layouts. */
  config: string;
  build(inputs: Inputs): BuiltNetwork | Promise<BuiltNetwork>;
  /** GFLOP/s of fused multiply-adds. */
  peak?(threads: number): Promise<number>;
}

/** The loss of each step's batch: [first, last) samples. */
export async function stepLosses(
  steps: number,
  batch: number,
  train: (first: number, batch: number) => number | Promise<number>,
): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push(await train(step * batch, batch));
  return losses;
}

/** The first samples of `count` by batches, the last one perhaps smaller: [first, size]. */
export function batchesOf(count: number, batch: number): [number, number][] {
  return Array.from({ length: Math.ceil(count / batch) }, (_, i) => [
    i * batch,
    Math.min(batch, count - i * batch),
  ]);
}

/** Answers the lines of standard input until it ends. */
export async function serve(open: () => Library | Promise<Library>): Promise<void> {
  const library = await open();
  const session = new Session(library);
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const answer: WorkerAnswer = { answer: await session.run(JSON.parse(line) as WorkerLine) };
      process.stdout.write(`${JSON.stringify(answer)}\nend\n`);
    } catch (error) {
      process.stdout.write(`end: ${(error as Error).message.split('\n')[0]}\n`);
    }
  }
}

class Session {
  private network: BuiltNetwork | undefined;
  private prepared: { key: string; run: () => unknown } | undefined;

  constructor(private readonly library: Library) {}

  async run(line: WorkerLine): Promise<unknown> {
    const { library } = this;
    switch (line.do) {
      case 'load':
        this.network?.dispose();
        this.network = undefined;
        this.prepared = undefined;
        this.network = await library.build(await readInputs(line.folder));
        return { version: library.version, config: library.config };
      case 'peak':
        return library.peak?.(line.threads);
      case 'outputs':
        return Array.from(await this.loaded.outputs(line.count));
      case 'losses':
        return this.loaded.losses(line.steps, line.batch, line.optimizer);
      case 'time':
        return this.time(line.task, line.count, line.batch);
    }
  }

  private get loaded(): BuiltNetwork {
    if (!this.network) throw new Error('no network is loaded');
    return this.network;
  }

  /** The milliseconds of one run. */
  private async time(task: Task, count: number, batch: number): Promise<number> {
    const key = JSON.stringify([task, count, batch]);
    if (this.prepared?.key !== key) this.prepared = { key, run: this.loaded.prepare(task, count, batch) };
    const started = performance.now();
    await this.prepared.run();
    return performance.now() - started;
  }
}
