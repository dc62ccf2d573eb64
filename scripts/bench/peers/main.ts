import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { benchImages } from '../support/images.js';
import { KERNEL_SHAPES, type KernelShape } from '../support/kernel-shapes.js';
import { machineFacts } from '../support/machine.js';
import { combine, fastest, measure, type Result, type Round } from './measurement.js';
import { MissingPeer, type Peer, type Work } from './peer.js';
import { PEERS } from './peers.js';
import { compareTable, configurations, SELF } from './report.js';

const HELP = `Usage: npm run bench:peers -- [options]

Measures the same work in convforge and in its peers, one after another, and compares them.

  --rounds N         number of rounds, whose repeats are pooled (3)
  --work a,b         lenet (training and inference), kernels (single operations) (both)
  --peers a,b        the peers to measure besides convforge (all)
  --output FILE      results as JSON (convforge-out/bench-peers.json)

npm packages are looked for in CONVFORGE_PEERS, or else in bench-peers.
`;

/** 25 batches of 128. */
const IMAGES = 3200;

const WORKS: readonly Work[] = ['lenet', 'kernels'];

function readArguments() {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      rounds: { type: 'string', default: '3' },
      work: { type: 'string', default: WORKS.join() },
      peers: { type: 'string', default: PEERS.map(({ name }) => name).join() },
      output: { type: 'string', default: path.join('convforge-out', 'bench-peers.json') },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds} is not a number of rounds`);
  return {
    help: values.help,
    rounds,
    works: pick('work', values.work, WORKS),
    peers: pick(
      'peers',
      values.peers,
      PEERS.map(({ name }) => name),
    ),
    output: values.output,
  };
}

/** The names in an option's list. Each must be one of `known`. */
function pick<T extends string>(option: string, list: string, known: readonly T[]): T[] {
  const names = list.split(',');
  const unknown = names.find((name) => !known.includes(name as T));
  if (unknown !== undefined) throw new Error(`--${option} ${unknown}: there are ${known.join(', ')}`);
  return known.filter((name) => names.includes(name));
}

/** Writes the inputs of the peers' processes to the folder. */
async function writeInputs(folder: string): Promise<string> {
  const { title, images, labels } = await benchImages(IMAGES);
  await writeFile(path.join(folder, 'images.bin'), images);
  await writeFile(path.join(folder, 'labels.bin'), labels);
  await writeFile(path.join(folder, 'kernels.txt'), KERNEL_SHAPES.map(kernelLine).join(''));
  return title;
}

/** A kernel's line in the file that onednn/kernels.cpp reads. */
function kernelLine(shape: KernelShape): string {
  const { op, name, ...fields } = shape;
  return `${name}|${op} ${Object.values(fields).join(' ')}\n`;
}

interface Job {
  peer: Peer;
  work: Work;
  threads: number;
}

/**
 * The jobs of a round. Peers do the same work one after another, so that drift of the machine's speed affects
 * all alike.
 */
function jobsOf(peers: readonly Peer[], works: readonly Work[], round: number): Job[] {
  const threadCounts = [...new Set([1, os.availableParallelism()])];
  return works.flatMap((work) =>
    threadCounts.flatMap((threads) =>
      peers
        .filter((peer) => peer.work.includes(work))
        .filter((peer) => (threads === 1 || peer.threaded) && (round === 0 || !peer.slow))
        .map((peer) => ({ peer, work, threads })),
    ),
  );
}

/** Measures in rounds. A job that fails is reported once, with the reason, and left out of later rounds. */
async function runAll(peers: readonly Peer[], works: readonly Work[], rounds: number, data: string) {
  const done: Round[] = [];
  const left = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    for (const { peer, work, threads } of jobsOf(peers, works, round)) {
      if (left.has(peer.name)) continue;
      process.stderr.write(`round ${round + 1}: ${peer.name}, ${work}, threads: ${threads}\n`);
      try {
        const measurements = await measure(peer.command(work, threads, data));
        done.push({ peer: peer.name, threads, measurements });
      } catch (error) {
        const { message } = error as Error;
        const reason = error instanceof MissingPeer ? `not installed: ${message}` : `failed: ${message}`;
        left.set(peer.name, reason);
        process.stderr.write(`${peer.name}: ${reason}\n`);
      }
    }
  }
  return { results: combine(done), left: Object.fromEntries(left) };
}

function printResults(results: readonly Result[]): void {
  const best = fastest(results);
  const isLenet = ({ task }: Result) => task.startsWith('LeNet');
  for (const part of [best.filter(isLenet), best.filter((result) => !isLenet(result))]) {
    if (part.length === 0) continue;
    process.stdout.write(`\n${compareTable(part)}\n\nFastest configurations:\n${configurations(part)}\n`);
  }
}

async function main(): Promise<void> {
  const options = readArguments();
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const peers = PEERS.filter(({ name }) => name === SELF || options.peers.includes(name));
  const facts = machineFacts();
  const data = await mkdtemp(path.join(os.tmpdir(), 'convforge-bench-'));
  try {
    const images = await writeInputs(data);
    const { results, left } = await runAll(peers, options.works, options.rounds, data);
    process.stdout.write(`${facts.machine}; ${facts.system}; Node ${facts.node}; ${images}\n`);
    printResults(results);
    for (const { name, remark } of peers) {
      if (remark && !(name in left)) process.stdout.write(`\n${name}: ${remark}\n`);
    }
    for (const [name, reason] of Object.entries(left)) process.stdout.write(`\n${name}: ${reason}\n`);
    const command = process.argv.slice(2);
    await mkdir(path.dirname(options.output), { recursive: true });
    await writeFile(options.output, JSON.stringify({ ...facts, images, command, left, results }, null, 2));
  } finally {
    await rm(data, { recursive: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
