import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { benchImages } from '../support/images.js';
import { KERNEL_SHAPES } from '../support/kernel-shapes.js';
import { machineFacts } from '../support/machine.js';
import { kernelLine, selectShapes } from './kernel-lines.js';
import { combine, fastest, measure, type Result, type Round } from './measurement.js';
import type { Peer, Work } from './peer.js';
import { isHeldToAvx2, PEERS } from './peers.js';
import { pick } from './pick.js';
import { compareTable, configurations, SELF, turnsTable } from './report.js';
import { setup, SETUP_PARTS } from './setup.js';
import { leave, runTurns } from './turns.js';

const HELP = `Usage: npm run bench:peers -- [options]
       npm run bench:peers -- --setup [part ...]

Measures the same work in convforge and in its peers, one after another, and compares them.

The network is measured in rounds. Single operations are measured in turns: each peer once, shape by
shape, so that the machine's drift affects all alike. Their table has the median of the ratios of all
turns, convforge's speed to the peer's, and the quartiles of these ratios.

  --rounds N         number of rounds, whose repeats are pooled (3)
  --turns N          number of turns for each shape (9)
  --only TEXT        only the shapes whose name has the text
  --work a,b         lenet (training and inference), kernels (single operations) (both)
  --peers a,b        the peers to measure besides convforge; "oneDNN" is all of its versions (all)
  --output FILE      results as JSON (convforge-out/bench-peers.json)
  --setup            installs peers into their folder, or only the parts that are named:
                     ${SETUP_PARTS.map(({ name }) => name).join(', ')}

The folder of the peers is CONVFORGE_PEERS, or else bench-peers. CONVFORGE_ISA=avx2 holds oneDNN to AVX2
too.
`;

/** 25 batches of 128. */
const IMAGES = 3200;

const WORKS: readonly Work[] = ['lenet', 'kernels'];

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      setup: { type: 'boolean' },
      rounds: { type: 'string', default: '3' },
      turns: { type: 'string', default: '9' },
      only: { type: 'string', default: '' },
      work: { type: 'string', default: WORKS.join() },
      peers: { type: 'string', default: PEERS.map(({ name }) => name).join() },
      output: { type: 'string', default: path.join('convforge-out', 'bench-peers.json') },
    },
  });
  if (positionals.length > 0 && !values.setup) throw new Error(`${positionals[0]} is not an option`);
  return {
    help: values.help,
    setup: values.setup,
    parts: positionals,
    rounds: positive('rounds', values.rounds),
    turns: positive('turns', values.turns),
    shapes: selectShapes(KERNEL_SHAPES, values.only),
    works: pick('work', values.work, WORKS),
    peers: pick(
      'peers',
      values.peers,
      PEERS.map(({ name }) => name),
    ),
    output: values.output,
  };
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${option} ${text} is not a number of ${option}`);
  return number;
}

/** Writes the inputs of the peers' processes to the folder. */
async function writeInputs(folder: string): Promise<string> {
  const { title, images, labels } = await benchImages(IMAGES);
  await writeFile(path.join(folder, 'images.bin'), images);
  await writeFile(path.join(folder, 'labels.bin'), labels);
  return title;
}

const THREAD_COUNTS: readonly number[] = [...new Set([1, os.availableParallelism()])];

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

interface Job {
  peer: Peer;
  threads: number;
}

/**
 * The jobs of a round. Peers do the same work one after another, so that drift of the machine's speed affects
 * all alike.
 */
function jobsOf(peers: readonly Peer[], round: number): Job[] {
  return THREAD_COUNTS.flatMap((threads) =>
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
async function runRounds(
  peers: readonly Peer[],
  rounds: number,
  data: string,
  left: Map<string, string>,
): Promise<Round[]> {
  const done: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { peer, threads } of jobsOf(peers, round)) {
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

function printResults(results: readonly Result[]): void {
  const best = fastest(results);
  const isInTurns = ({ turns }: Result) => turns !== undefined;
  const parts = [
    { table: compareTable, results: best.filter((result) => !isInTurns(result)) },
    { table: turnsTable, results: best.filter(isInTurns) },
  ];
  for (const { table, results } of parts) {
    if (results.length === 0) continue;
    process.stdout.write(`\n${table(results)}\n\nFastest configurations:\n${configurations(results)}\n`);
  }
}

async function run(options: ReturnType<typeof readArguments>, data: string): Promise<void> {
  const peers = PEERS.filter(({ name }) => name === SELF || options.peers.includes(name));
  const facts = machineFacts();
  const left = new Map<string, string>();
  const rounds: Round[] = [];
  let images: string | undefined;
  if (options.works.includes('lenet')) {
    images = await writeInputs(data);
    rounds.push(...(await runRounds(peers, options.rounds, data, left)));
  }
  if (options.works.includes('kernels')) {
    const shapes = options.shapes.map(kernelLine);
    const turns = { turns: options.turns, threadCounts: THREAD_COUNTS, shapes, data, log };
    rounds.push(...(await runTurns(peers, turns, left)));
  }
  const results = combine(rounds);
  const isa = isHeldToAvx2 ? ['oneDNN held to AVX2'] : [];
  const header = [facts.machine, ...isa, facts.system, `Node ${facts.node}`, ...(images ? [images] : [])];
  process.stdout.write(`${header.join('; ')}\n`);
  printResults(results);
  const remarks = peers.filter(
    ({ name, work }) => work.some((each) => options.works.includes(each)) && !left.has(name),
  );
  for (const { name, remark } of remarks) {
    if (remark) process.stdout.write(`\n${name}: ${remark}\n`);
  }
  for (const [name, reason] of left) process.stdout.write(`\n${name}: ${reason}\n`);
  const command = process.argv.slice(2);
  const report = { ...facts, images, isHeldToAvx2, command, left: Object.fromEntries(left), results };
  await mkdir(path.dirname(options.output), { recursive: true });
  await writeFile(options.output, JSON.stringify(report, null, 2));
}

async function main(): Promise<void> {
  const options = readArguments();
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  if (options.setup) {
    if (!setup(options.parts)) process.exitCode = 1;
    return;
  }
  const data = await mkdtemp(path.join(os.tmpdir(), 'convforge-bench-'));
  try {
    await run(options, data);
  } finally {
    await rm(data, { recursive: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
