import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { benchImages } from '../support/images.js';
import { measure, type Round } from '../../../lib/compare/measurement.js';
import type { Peer } from './peer.js';
import { leave } from './turns.js';

/** 25 batches of 128. */
const IMAGES = 3200;

/** Writes the inputs of the peers' processes to the folder. Resolves with the images' title. */
export async function writeLenetInputs(folder: string): Promise<string> {
  const { title, images, labels } = await benchImages(IMAGES);
  await writeFile(path.join(folder, 'images.bin'), images);
  await writeFile(path.join(folder, 'labels.bin'), labels);
  return title;
}

export interface RoundOptions {
  rounds: number;
  threadCounts: readonly number[];
  /** The folder with the inputs. */
  data: string;
  /** Receives the progress. */
  log(line: string): void;
}

interface Job {
  peer: Peer;
  threads: number;
}

/**
 * The jobs of a round. Peers do the same work one after another, so that drift of the machine's speed affects
 * all alike.
 */
function jobsOf(peers: readonly Peer[], round: number, threadCounts: readonly number[]): Job[] {
  return threadCounts.flatMap((threads) =>
    peers
      .filter((peer) => peer.work.includes('lenet'))
      .filter((peer) => (threads === 1 || peer.threaded) && (round === 0 || !peer.slow))
      .map((peer) => ({ peer, threads })),
  );
}

/**
 * Measures LeNet in rounds. A peer that fails is reported once, with the reason in `left`, and left out of later
 * rounds.
 */
export async function runRounds(
  peers: readonly Peer[],
  { rounds, threadCounts, data, log }: RoundOptions,
  left: Map<string, string>,
): Promise<Round[]> {
  const done: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { peer, threads } of jobsOf(peers, round, threadCounts)) {
      if (left.has(peer.name)) continue;
      log(`round ${round + 1}: ${peer.name}, threads: ${threads}`);
      try {
        const measurements = await measure(peer.command('lenet', threads, data));
        done.push({ peer: peer.name, threads, measurements });
      } catch (error) {
        leave(peer.name, error as Error, left, log);
      }
    }
  }
  return done;
}
