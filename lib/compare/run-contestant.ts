import type { Contestant } from './contestants.js';
import { readAnswer, type Task, type WorkerDescription, type WorkerLine } from './protocol.js';
import { Server } from './server.js';

/** A contestant's process, and what is known of its speed. */
export class RunningContestant {
  description: WorkerDescription = { version: '', config: '' };
  private readonly server: Server;

  constructor(
    readonly contestant: Contestant,
    seconds: number,
  ) {
    // Not stopped between turns, so that it ends with its parent, however that ends.
    this.server = new Server(contestant.command, { seconds, stops: false });
  }

  /** Rejects if the process refuses or dies. */
  async ask(line: WorkerLine): Promise<unknown> {
    return readAnswer(await this.server.turn(JSON.stringify(line)));
  }

  async load(folder: string): Promise<void> {
    this.description = (await this.ask({ do: 'load', folder })) as WorkerDescription;
  }

  /** The seconds of one run over the first `images` samples. */
  async time(task: Task, images: number, batch: number): Promise<number> {
    const milliseconds = await this.ask({ do: 'time', task, count: images, batch });
    if (typeof milliseconds !== 'number' || !(milliseconds > 0)) throw new Error('it measured no time');
    return milliseconds / 1000;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

export interface Size {
  images: number;
  batch: number;
}

export interface SizeLimits {
  /** Images of the first try. */
  least: number;
  most: number;
  batch: number;
  /** How long a turn should take. */
  seconds: number;
}

/** Seconds after which a run isn't repeated to warm up. */
const SLOW = 2;

/**
 * Warms up and finds a number of images that takes about `seconds`: more and more, until it does. A library that
 * takes longer for the least number keeps that.
 */
export async function findSize(
  running: RunningContestant,
  task: Task,
  { least, most, batch, seconds }: SizeLimits,
): Promise<Size> {
  let images = Math.min(least, most);
  for (;;) {
    const size = { images, batch: Math.min(batch, images) };
    const first = await running.time(task, size.images, size.batch);
    // The first run may have compiled and planned, which must not decide.
    const taken = first > seconds && first < SLOW ? await running.time(task, size.images, size.batch) : first;
    const fitting = Math.floor(images * Math.min(8, seconds / taken));
    const next = Math.min(most, fitting >= batch ? fitting - (fitting % batch) : fitting);
    if (next < 1.5 * images) return size;
    images = next;
  }
}
