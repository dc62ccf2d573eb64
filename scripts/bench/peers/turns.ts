import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { nameOf } from './kernel-lines.js';
import { type Command, type Measurement, readMeasurements, type Round } from './measurement.js';
import { MissingPeer, type Peer, type Work } from './peer.js';

/** A peer measures a shape in well under a second. Its first turn also plans. */
const KERNEL_SECONDS = 60;

/** The peer can't compute a shape. Its process goes on. */
export class RefusedShape extends Error {}

/**
 * A peer's process that takes turns. It reads a shape a line from standard input, and answers with lines of
 * measurements and then "end", or "end: reason" where it refuses the shape. Between its turns it is stopped, so
 * that no thread of it takes time from others.
 */
export class Server {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly closed: Promise<void>;
  private output: string[] = [];
  private errors = '';
  private failure: Error | undefined;
  private pending: { resolve(measurements: Measurement[]): void; reject(error: Error): void } | undefined;

  constructor(
    { file, args, env }: Command,
    private readonly seconds = KERNEL_SECONDS,
  ) {
    this.child = spawn(file, args, { env: { ...process.env, ...env } });
    this.closed = new Promise((resolve) => {
      this.child.on('error', (error) => {
        this.fail(error);
        resolve();
      });
      this.child.on('close', (code, signal) => {
        this.fail(new Error(`${file} ended with ${signal ?? code}: ${this.errors.trim().slice(-500)}`));
        resolve();
      });
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    // A process that dies doesn't read; the handler of 'close' tells.
    this.child.stdin.on('error', () => {});
    createInterface({ input: this.child.stdout }).on('line', (line) => this.read(line));
  }

  /** Measures the shape of the line once. Rejects with RefusedShape, or with the reason why the process died. */
  turn(line: string): Promise<Measurement[]> {
    return new Promise((resolve, reject) => {
      if (this.failure) {
        reject(this.failure);
        return;
      }
      const timer = setTimeout(() => {
        this.fail(new Error(`no answer within ${this.seconds} s`));
        this.child.kill('SIGKILL');
      }, 1000 * this.seconds);
      const done = () => {
        clearTimeout(timer);
        this.pending = undefined;
      };
      this.pending = {
        resolve: (measurements) => {
          done();
          resolve(measurements);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      this.output = [];
      this.child.kill('SIGCONT');
      this.child.stdin.write(`${line}\n`);
    });
  }

  /** Kills the process. Resolves when it has ended. */
  stop(): Promise<void> {
    this.child.kill('SIGKILL');
    return this.closed;
  }

  private read(line: string): void {
    const isRefused = line.startsWith('end: ');
    if (line !== 'end' && !isRefused) {
      this.output.push(line);
      return;
    }
    this.child.kill('SIGSTOP');
    if (isRefused) this.pending?.reject(new RefusedShape(line.slice('end: '.length)));
    else this.pending?.resolve(readMeasurements(this.output.join('\n')));
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.pending?.reject(this.failure);
  }
}

export interface TurnOptions {
  work: Work;
  /** How often each peer measures each shape. */
  turns: number;
  threadCounts: readonly number[];
  /** A line that the servers read once, before all others. */
  prepare?: string;
  /** The lines that the servers read, one a shape. */
  shapes: readonly string[];
  /** How long a turn may take. Default 60. */
  seconds?: number;
  /** The folder with the inputs. */
  data: string;
  /** Receives the progress. */
  log(line: string): void;
}

/**
 * Measures in turns: for each number of threads and each shape, every peer measures once, one after
 * another, `turns` times. Drift of the machine's speed affects all peers of a turn alike. A peer that fails is
 * left out from there on, and a peer that refuses a shape from that shape. `left` gets the reasons.
 */
export async function runTurns(
  peers: readonly Peer[],
  options: TurnOptions,
  left: Map<string, string>,
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (const threads of options.threadCounts) {
    const servers = startServers(peers, threads, options, left);
    const killAll = () => {
      for (const server of servers.values()) void server.stop();
    };
    process.once('exit', killAll);
    try {
      if (options.prepare !== undefined) {
        options.log(`${nameOf(options.prepare)}, threads: ${threads}`);
        rounds.push(...(await runShape(servers, options.prepare, threads, { ...options, turns: 1 }, left)));
      }
      for (const line of options.shapes) {
        options.log(`${nameOf(line)}, threads: ${threads}`);
        rounds.push(...(await runShape(servers, line, threads, options, left)));
      }
    } finally {
      process.off('exit', killAll);
      await Promise.all([...servers.values()].map((server) => server.stop()));
    }
  }
  return rounds;
}

function startServers(
  peers: readonly Peer[],
  threads: number,
  { work, data, seconds, log }: TurnOptions,
  left: Map<string, string>,
): Map<string, Server> {
  const servers = new Map<string, Server>();
  for (const peer of peers) {
    const canRun = peer.work.includes(work) && (threads === 1 || peer.threaded);
    if (!canRun || left.has(peer.name)) continue;
    try {
      servers.set(peer.name, new Server(peer.command(work, threads, data), seconds));
    } catch (error) {
      leave(peer.name, error as Error, left, log);
    }
  }
  return servers;
}

async function runShape(
  servers: Map<string, Server>,
  line: string,
  threads: number,
  { turns, log }: TurnOptions,
  left: Map<string, string>,
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let turn = 0; turn < turns; turn++) {
    for (const [peer, server] of servers) {
      const shape = `${peer}, ${nameOf(line)}`;
      if (left.has(shape)) continue;
      try {
        rounds.push({ peer, threads, turn, measurements: await server.turn(line) });
      } catch (error) {
        const isRefused = error instanceof RefusedShape;
        leave(isRefused ? shape : peer, error as Error, left, log);
        if (!isRefused) servers.delete(peer);
      }
    }
  }
  return rounds;
}

/** Records and prints why a peer, or a peer's shape, is left out. */
export function leave(
  name: string,
  error: Error,
  left: Map<string, string>,
  log: (line: string) => void,
): void {
  const { message } = error;
  const kind =
    error instanceof MissingPeer ? 'not installed' : error instanceof RefusedShape ? 'refused' : 'failed';
  const reason = `${kind}: ${message}`;
  left.set(name, reason);
  log(`${name}: ${reason}`);
}
