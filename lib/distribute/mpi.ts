import { isMainThread } from 'node:worker_threads';
import { ConvforgeError } from '../errors.js';
import { OptionChecks } from '../options.js';
import { VERSION } from '../version.js';
import { disagreements, type Facts } from './disagreements.js';
import { launchedRanks } from './launcher.js';
import { loadMpiAddon, type MpiAddon } from './mpi-addon.js';

/** Options of {@link mpi}. */
export interface MpiOptions {
  /**
   * Whether sums over the ranks are added in an order that depends on the shards alone, so that the same number of
   * shards gives the same bits on any number of ranks. Otherwise MPI's own all-reduce adds them, in an order of
   * its own. Default true.
   */
  exact?: boolean;
}

/**
 * The processes, called ranks, that share a training. All ranks must call the methods in the same order. The
 * methods reject with DISTRIBUTED if another rank has ended.
 */
export interface Distribution {
  /** The number of this process, from 0 up. */
  readonly rank: number;
  /** The number of processes. */
  readonly ranks: number;
  /**
   * The core's operations with the other ranks. Undefined if there is only one.
   *
   * @internal
   */
  readonly collective: object | undefined;
  /**
   * Compares texts with those of the other ranks. Rejects with DISTRIBUTED, on every rank, if they differ: the
   * message names what differs, and on which ranks.
   *
   * @param facts What must be alike, by the name that the message has for it.
   */
  check(facts: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves once all ranks have called it. */
  barrier(): Promise<void>;
  /** Resolves to rank 0's bytes. Those of other ranks are ignored. */
  broadcast(bytes: Uint8Array): Promise<Uint8Array>;
  /** Resolves to the bytes of all ranks, in their order. */
  gather(bytes: Uint8Array): Promise<Uint8Array[]>;
}

/**
 * Joins the processes that mpirun has started with this script, for `fit({distribute})`. Each process must call it.
 * Without mpirun there is one rank, and no MPI is needed.
 *
 * MPI ends with the process. If a rank ends with an exit code other than 0, such as after an error that nobody
 * caught, all ranks end within some seconds.
 *
 * @throws ADDON_UNAVAILABLE if mpirun has started several processes and the addon for MPI isn't built, or was
 * built for another MPI; DISTRIBUTED if the ranks have other versions or options; UNSUPPORTED in a worker thread;
 * INVALID_ARGUMENT, UNKNOWN_OPTION.
 */
export async function mpi(options: MpiOptions = {}): Promise<Distribution> {
  const checks = new OptionChecks('distribute.mpi');
  checks.keys(options, ['exact']);
  const exact = checks.boolean('exact', options.exact ?? true);
  const launched = launchedRanks(process.env) ?? 1;
  if (launched === 1) return new Alone();
  if (!isMainThread)
    checks.fail('UNSUPPORTED', 'a worker thread is no rank; call it on the main thread of the process.');
  const addon = start(launched);
  const ranks = new MpiRanks(addon, exact);
  await ranks.check({ 'the version of convforge': VERSION, exact: String(exact) });
  return ranks;
}

/** A process that mpirun hasn't started. */
class Alone implements Distribution {
  readonly rank = 0;
  readonly ranks = 1;
  readonly collective = undefined;

  async check(): Promise<void> {}

  async barrier(): Promise<void> {}

  async broadcast(bytes: Uint8Array): Promise<Uint8Array> {
    return bytes;
  }

  async gather(bytes: Uint8Array): Promise<Uint8Array[]> {
    return [bytes];
  }
}

class MpiRanks implements Distribution {
  readonly rank: number;
  readonly ranks: number;
  readonly collective: object;
  readonly #addon: MpiAddon;

  constructor(addon: MpiAddon, exact: boolean) {
    ({ rank: this.rank, ranks: this.ranks } = addon.start());
    this.collective = addon.collective(exact);
    this.#addon = addon;
  }

  async check(facts: Facts): Promise<void> {
    const all = await this.gather(Buffer.from(JSON.stringify(facts)));
    const text = disagreements(all.map((bytes) => JSON.parse(Buffer.from(bytes).toString())));
    if (text === '') return;
    throw new ConvforgeError(
      'DISTRIBUTED',
      `The ranks of this training differ: ${text}. They must be alike.`,
    );
  }

  async barrier(): Promise<void> {
    await this.gather(new Uint8Array(0));
  }

  async broadcast(bytes: Uint8Array): Promise<Uint8Array> {
    const [first] = await this.#settled(this.#addon.broadcast(bytes));
    return first;
  }

  gather(bytes: Uint8Array): Promise<Uint8Array[]> {
    return this.#settled(this.#addon.gather(bytes));
  }

  /** Gives the addon's arrays this realm's classes, and its errors a code. */
  async #settled(result: Promise<Uint8Array[]>): Promise<Uint8Array[]> {
    try {
      return Array.from(
        await result,
        ({ buffer, byteOffset, length }) => new Uint8Array(buffer, byteOffset, length),
      );
    } catch (cause) {
      const { message } = cause as Error;
      throw new ConvforgeError('DISTRIBUTED', `Rank ${this.rank} can't go on: ${message}.`, { cause });
    }
  }
}

let started: MpiAddon | undefined;

/** Starts MPI, once in a process. */
function start(launched: number): MpiAddon {
  if (started) return started;
  const addon = loadMpiAddon(launched);
  const { ranks } = startMpi(addon);
  if (ranks !== launched)
    throw new ConvforgeError(
      'ADDON_UNAVAILABLE',
      `${launched} processes were started together, but ${ranks === 1 ? 'each is alone' : `there are ${ranks}`} in ` +
        `the MPI that the addon was built with (${addon.info()}). Build it with the mpicxx that belongs to this ` +
        'mpirun: npx convforge build --mpi --mpicxx <program>.',
    );
  finishAtExit(addon);
  started = addon;
  return addon;
}

/** Ends MPI with the process, and the other ranks with it unless they end by themselves. */
function finishAtExit(addon: MpiAddon): void {
  let uncaught: unknown;
  process.on('uncaughtExceptionMonitor', (error) => {
    uncaught = error;
  });
  process.once('exit', (code) => {
    if (addon.finish(code)) return;
    // Node prints it after this, which comes too late.
    if (uncaught !== undefined) console.error(uncaught);
    const { rank } = addon.start();
    console.error(`convforge: rank ${rank} has ended with exit code ${code}, and ends the other ranks.`);
    addon.abort(code || 1);
  });
}

function startMpi(addon: MpiAddon): { rank: number; ranks: number } {
  try {
    return addon.start();
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConvforgeError('DISTRIBUTED', `${addon.info()} doesn't start: ${message}.`, { cause });
  }
}
