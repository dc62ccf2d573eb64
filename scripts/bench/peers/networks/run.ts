import path from 'node:path';
import type { Network } from '../../networks/network.js';
import type { Round } from '../../../../lib/compare/measurement.js';
import { type Peer, ROOT } from '../peer.js';
import { runTurns, type TurnOptions } from '../turns.js';
import { writeNetworkInputs } from './inputs.js';

/** A peer may have to compile a network first. */
const SECONDS = 900;

/** What peers measure in turns, once they are prepared. A peer answers at once where it has no such work. */
const TASKS = ['training', 'inference', 'latency'];

/**
 * Measures networks in turns, in processes of their own for each network and number of threads. `left` gets the
 * reasons why peers, or networks of a peer, are left out.
 */
export async function runNetworks(
  peers: readonly Peer[],
  networks: readonly Network[],
  options: Pick<TurnOptions, 'turns' | 'threadCounts' | 'log'>,
  left: Map<string, string>,
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (const network of networks) {
    const folder = path.join(ROOT, 'build-peers', 'networks', network.key);
    await writeNetworkInputs(network, folder);
    const line = (task: string) => `${network.name}: ${task}|${task}`;
    const own = new Map<string, string>();
    const able = peers.filter(
      ({ name, networks: keys }) => !left.has(name) && (keys?.includes(network.key) ?? true),
    );
    const shapes = options.turns > 0 ? TASKS.map(line) : [];
    const turns = { ...options, work: 'networks', prepare: line('prepare'), shapes, data: folder } as const;
    rounds.push(...(await runTurns(able, { ...turns, seconds: SECONDS }, own)));
    for (const [name, reason] of own)
      left.set(reason.startsWith('not installed') ? name : `${name}, ${network.name}`, reason);
  }
  return rounds;
}
