import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type MachineFacts, machineFacts } from '../support/machine.js';
import { kernelLine } from './kernel-lines.js';
import { combine, fastest, type Result, type Round } from '../../../lib/compare/measurement.js';
import { isNetworkResult, networkTables } from './networks/tables.js';
import { writeReadme } from './networks/readme.js';
import { runNetworks } from './networks/run.js';
import { HELP, type PeersOptions, readOptions } from './options.js';
import { SELF } from './peer.js';
import { isHeldToAvx2, PEERS } from './peers.js';
import { compareTable, configurations, turnsTable } from './report.js';
import { runRounds, writeLenetInputs } from './rounds.js';
import { setup } from './setup.js';
import { runTurns } from './turns.js';

/** The file that a run writes. */
interface PeersReport extends MachineFacts {
  /** The images of the LeNet, if it was measured. */
  images?: string;
  isHeldToAvx2: boolean;
  command: string[];
  left: Record<string, string>;
  results: Result[];
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printResults(results: readonly Result[]): void {
  const best = fastest(results);
  const isInTurns = ({ turns }: Result) => turns !== undefined;
  const parts = [
    { table: compareTable, results: best.filter((result) => !isInTurns(result)) },
    { table: turnsTable, results: best.filter((result) => isInTurns(result) && !isNetworkResult(result)) },
    { table: networkTables, results: best.filter(isNetworkResult) },
  ];
  for (const { table, results } of parts) {
    if (results.length > 0)
      print(`\n${table(results)}\n\nFastest configurations:\n${configurations(results)}`);
  }
}

async function measureAll(
  { works, rounds, turns, threads, shapes, networks, peers: names }: PeersOptions,
  data: string,
): Promise<Pick<PeersReport, 'images' | 'left' | 'results'>> {
  const peers = PEERS.filter(({ name }) => name === SELF || names.includes(name));
  const left = new Map<string, string>();
  const done: Round[] = [];
  const options = { rounds, turns, threadCounts: threads, data, log };
  let images: string | undefined;
  if (works.includes('lenet')) {
    images = await writeLenetInputs(data);
    done.push(...(await runRounds(peers, options, left)));
  }
  if (works.includes('kernels')) {
    const lines = shapes.map(kernelLine);
    done.push(...(await runTurns(peers, { ...options, work: 'kernels', shapes: lines }, left)));
  }
  if (works.includes('networks')) done.push(...(await runNetworks(peers, networks, options, left)));
  return { images, left: Object.fromEntries(left), results: combine(done) };
}

function describe({ machine, system, node, images, isHeldToAvx2, convforge, commit }: PeersReport): string {
  const software = [system, `Node ${node}`, `convforge ${convforge} ${commit ?? ''}`.trim()];
  return [
    machine,
    ...(isHeldToAvx2 ? ['oneDNN held to AVX2'] : []),
    ...software,
    ...(images ? [images] : []),
  ].join('; ');
}

async function run(options: PeersOptions, data: string): Promise<void> {
  const facts = machineFacts();
  const measured = await measureAll(options, data);
  const report: PeersReport = { ...facts, isHeldToAvx2, command: process.argv.slice(2), ...measured };
  print(describe(report));
  printResults(report.results);
  for (const { name, remark, work } of PEERS) {
    const isUsed = options.peers.includes(name) && work.some((each) => options.works.includes(each));
    if (remark && isUsed && !(name in report.left)) print(`\n${name}: ${remark}`);
  }
  for (const [name, reason] of Object.entries(report.left)) print(`\n${name}: ${reason}`);
  await mkdir(path.dirname(options.output), { recursive: true });
  await writeFile(options.output, JSON.stringify(report, null, 2));
  if (options.readme) await writeReadme([report]);
}

/** Prints the networks of earlier runs together. */
async function reportAgain({ names, readme }: PeersOptions): Promise<void> {
  const reports = await Promise.all(
    names.map(async (file) => JSON.parse(await readFile(file, 'utf8')) as PeersReport),
  );
  for (const line of new Set(reports.map(describe))) print(line);
  printResults(reports.flatMap(({ results }) => results).filter(isNetworkResult));
  if (readme) await writeReadme(reports);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    print(HELP);
  } else if (options.setup) {
    if (!setup(options.names)) process.exitCode = 1;
  } else if (options.report) {
    await reportAgain(options);
  } else {
    const data = await mkdtemp(path.join(os.tmpdir(), 'convforge-bench-'));
    try {
      await run(options, data);
    } finally {
      await rm(data, { recursive: true });
    }
  }
}

// Runs the handlers of 'exit', which end the peers' processes.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

main().catch((error: Error) => {
  log(error.message);
  process.exitCode = 1;
});
