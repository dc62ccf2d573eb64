import { nameOf } from './kernel-lines.js';
import { readMeasurements, type Round } from '../../../lib/compare/measurement.js';
import { Refusal, Server } from '../../../lib/compare/server.js';
import { MissingPeer, type Peer, type Work } from './peer.js';

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
      servers.set(peer.name, new Server(peer.command(work, threads, data), { seconds }));
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
        const lines = await server.turn(line);
        rounds.push({ peer, threads, turn, measurements: readMeasurements(lines.join('\n')) });
      } catch (error) {
        const isRefused = error instanceof Refusal;
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
    error instanceof MissingPeer ? 'not installed' : error instanceof Refusal ? 'refused' : 'failed';
  const reason = `${kind}: ${message}`;
  left.set(name, reason);
  log(`${name}: ${reason}`);
}
