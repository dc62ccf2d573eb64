import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { throwIfAborted } from '../aborts.js';
import {
  CHECKED_BATCH,
  CHECKED_OUTPUTS,
  CHECKED_STEPS,
  lossDifference,
  outputDifference,
} from './agreement.js';
import { type Contestant, referenceContestant } from './contestants.js';
import type { Effort } from './effort.js';
import { removeQuietly, temporariesIn, temporaryPath } from '../io/temporaries.js';
import { drawInputs, writeInputs } from './inputs.js';
import { flopsOf, type NetworkSpec } from './network.js';
import type { Task } from './protocol.js';
import { type Comparison, compareRows, type Row } from './result.js';
import { findSize, RunningContestant, type Size, type SizeLimits } from './run-contestant.js';
import { Refusal } from './server.js';
import { summarize } from './statistics.js';

/** A pause between turns, in which threads that still wait for work fall asleep. */
const PAUSE = 30;

export interface RunSettings {
  /** Trained and run. */
  network: NetworkSpec;
  /** Only run. */
  kernels: readonly NetworkSpec[];
  contestants: readonly Contestant[];
  seed: number;
  effort: Effort;
  /** Receives the progress. */
  log: (line: string) => void;
  signal?: AbortSignal;
}

/** What was measured. */
export interface Measured {
  comparisons: Comparison[];
  left: { name: string; reason: string }[];
  /** Whose results were those of the reference engine. */
  agreed: string[];
  /** GFLOP/s of fused multiply-adds by number of threads. */
  peak: Record<string, number>;
}

/**
 * Measures all contestants by turns, after their results have been compared with the reference engine's. One that
 * differs, fails or doesn't answer is left out. Rejects with ABORTED; no process is left in any case.
 */
export async function runComparison(settings: RunSettings): Promise<Measured> {
  const folder = await makeFolder();
  const run = new Run(settings, folder);
  const stop = () => void run.stop();
  process.once('exit', stop);
  settings.signal?.addEventListener('abort', stop, { once: true });
  try {
    return await run.measure();
  } finally {
    process.off('exit', stop);
    settings.signal?.removeEventListener('abort', stop);
    await run.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const FOLDER = 'convforge-compare';

/** Makes a folder for what the contestants read, and removes those of runs that were killed. */
async function makeFolder(): Promise<string> {
  const parent = os.tmpdir();
  for (const { path, isStray } of await temporariesIn(parent, (target) => target === FOLDER))
    if (isStray) await removeQuietly(path);
  const folder = temporaryPath(path.join(parent, FOLDER));
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

class Run {
  private readonly started = performance.now();
  private oracle: RunningContestant | undefined;
  private readonly running = new Set<RunningContestant>();
  private readonly left: Measured['left'] = [];
  private readonly peak: Record<string, number> = {};

  constructor(
    private readonly settings: RunSettings,
    private readonly folder: string,
  ) {}

  async measure(): Promise<Measured> {
    const { network, kernels, effort, log } = this.settings;
    throwIfAborted(this.settings.signal);
    const inputs = await this.write(network, effort.images);
    this.oracle = new RunningContestant(referenceContestant(), effort.answer);
    await this.start(inputs);
    const agreed = [...this.running].map(({ contestant }) => nameOf(contestant));
    const comparisons: Comparison[] = [];
    for (const task of ['training', 'inference'] as const) {
      const { images, batch, turn } = effort;
      const limits = { least: CHECKED_BATCH, most: images, batch, seconds: turn };
      log(`measuring ${task} of ${network.name}`);
      comparisons.push(await this.compare(network, task, this.of(task), limits, effort[task]));
    }
    for (const kernel of kernels) {
      const { kernelImages: most, kernelBatch: batch, turn } = effort;
      log(`measuring ${kernel.name}`);
      const inputs = await this.write(kernel, most);
      const those = await this.agreeing(kernel, inputs);
      const limits = { least: CHECKED_BATCH, most, batch, seconds: turn / 3 };
      comparisons.push(await this.compare(kernel, 'inference', those, limits, effort.kernel));
    }
    return { comparisons, left: this.left, agreed, peak: this.peak };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running, ...(this.oracle ? [this.oracle] : [])].map((each) => each.stop()));
  }

  private async write(network: NetworkSpec, count: number): Promise<string> {
    const folder = path.join(this.folder, network.name.replace(/\W+/g, '-'));
    await mkdir(folder, { recursive: true });
    await writeInputs(folder, drawInputs(network, count, this.settings.seed));
    return folder;
  }

  private of(task: Task): RunningContestant[] {
    return [...this.running].filter(({ contestant }) => contestant.tasks.includes(task));
  }

  /** Starts the contestants, and keeps those that compute what the reference engine does. */
  private async start(inputs: string): Promise<void> {
    const { contestants, effort, log } = this.settings;
    const outputs = await this.expect(
      { do: 'load', folder: inputs },
      { do: 'outputs', count: CHECKED_OUTPUTS },
    );
    const losses = new Map<string, number[]>();
    for (const contestant of contestants) {
      const { optimizer, tasks } = contestant;
      log(`checking the results of ${nameOf(contestant)}`);
      const running = new RunningContestant(contestant, effort.answer);
      this.running.add(running);
      await this.guard(running, async () => {
        await running.load(inputs);
        const actual = await running.ask({ do: 'outputs', count: CHECKED_OUTPUTS });
        throwDifference(outputDifference(actual, outputs));
        if (!tasks.includes('training')) return;
        const line = { do: 'losses', steps: CHECKED_STEPS, batch: CHECKED_BATCH, optimizer } as const;
        const expected = losses.get(optimizer) ?? (await this.expect(line));
        losses.set(optimizer, expected);
        throwDifference(lossDifference(await running.ask(line), expected));
      });
    }
  }

  /** The reference engine's answer to the last line. */
  private async expect(...lines: Parameters<RunningContestant['ask']>[0][]): Promise<number[]> {
    let answer: unknown;
    for (const line of lines) answer = await this.oracle?.ask(line);
    throwIfAborted(this.settings.signal);
    return answer as number[];
  }

  /** Those that compute the layer as the reference engine does. */
  private async agreeing(kernel: NetworkSpec, folder: string): Promise<RunningContestant[]> {
    const line = { do: 'outputs', count: CHECKED_OUTPUTS } as const;
    const expected = await this.expect({ do: 'load', folder }, line);
    const those: RunningContestant[] = [];
    for (const running of [...this.running].filter(({ contestant }) => contestant.kernels)) {
      const isRight = await this.guard(running, async () => {
        await running.load(folder);
        throwDifference(outputDifference(await running.ask(line), expected), kernel.name);
      });
      if (isRight) those.push(running);
    }
    return those;
  }

  private async compare(
    network: NetworkSpec,
    task: Task,
    contestants: readonly RunningContestant[],
    limits: SizeLimits,
    seconds: number,
  ): Promise<Comparison> {
    const sizes = new Map<RunningContestant, Size>();
    for (const running of contestants)
      await this.guard(running, async () => sizes.set(running, await findSize(running, task, limits)));
    const rates = await this.takeTurns(task, sizes, seconds);
    const flops = flopsOf(network, task);
    const rows = [...rates].flatMap(([running, values]) => {
      const size = sizes.get(running);
      return size && values.length > 0 ? [this.row(running, { network, task, flops, size, values })] : [];
    });
    return { title: `${network.name}, ${task}`, task, network, flops, ...compareRows(rows) };
  }

  /** The rates of each contestant, one a turn. */
  private async takeTurns(
    task: Task,
    sizes: ReadonlyMap<RunningContestant, Size>,
    seconds: number,
  ): Promise<Map<RunningContestant, number[]>> {
    const { effort } = this.settings;
    const rates = new Map([...sizes.keys()].map((running) => [running, [] as number[]]));
    const started = performance.now();
    for (let turn = 0; turn < effort.mostTurns; turn++) {
      const isLate = performance.now() - this.started > 1000 * effort.late;
      const isOver = performance.now() - started > 1000 * seconds;
      if (isOver && turn >= (isLate ? 1 : effort.leastTurns)) break;
      await this.measurePeak();
      for (const [running, { images, batch }] of sizes) {
        if (!this.running.has(running)) continue;
        await pause(PAUSE);
        await this.guard(running, async () => {
          rates.get(running)?.push(images / (await running.time(task, images, batch)));
        });
      }
    }
    return rates;
  }

  /** Measured in each turn; the most counts, so that a busy neighbour raises no share. */
  private async measurePeak(): Promise<void> {
    const measured = new Set<number>();
    for (const running of this.running) {
      const { side, threads } = running.contestant;
      if (side !== 'convforge' || measured.has(threads)) continue;
      measured.add(threads);
      await this.guard(running, async () => {
        const peak = (await running.ask({ do: 'peak', threads })) as number;
        this.peak[threads] = Math.max(this.peak[threads] ?? 0, peak);
      });
    }
  }

  private row(
    { contestant, description }: RunningContestant,
    {
      network,
      task,
      flops,
      size,
      values,
    }: { network: NetworkSpec; task: Task; flops: number; size: Size; values: number[] },
  ): Row {
    const { name, side, threads, remark } = contestant;
    const summary = summarize(values);
    const peak = this.peak[threads];
    return {
      ...{ peer: name, side, threads, task: `${network.name}, ${task}`, unit: 'images/s' as const },
      ...{ ...description, ...size, values, ...summary, remark },
      turns: values.map((_, turn) => turn),
      peakShare: flops > 0 && peak > 0 ? (summary.median * flops * 1e-9) / peak : null,
    };
  }

  /** Leaves the contestant out if the work fails. Resolves with whether it didn't. */
  private async guard(running: RunningContestant, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      throwIfAborted(this.settings.signal);
      const { message } = error as Error;
      const kind =
        error instanceof Disagreement ? 'disagrees' : error instanceof Refusal ? 'refuses' : 'failed';
      const reason = `${kind}: ${message}`;
      this.left.push({ name: nameOf(running.contestant), reason });
      this.settings.log(`${nameOf(running.contestant)} ${reason}`);
      this.running.delete(running);
      await running.stop();
      return false;
    }
  }
}

/** The contestant's results aren't those of the reference engine. */
class Disagreement extends Error {}

function throwDifference(difference: string | undefined, where?: string): void {
  if (difference !== undefined) throw new Disagreement(where ? `${where}: ${difference}` : difference);
}

/** "PyTorch, 2 threads" */
export function nameOf({ name, threads }: Pick<Contestant, 'name' | 'threads'>): string {
  return `${name}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
