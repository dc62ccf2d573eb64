import { mkdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { setThreads } from '../../lib/program/native-engine.js';
import { compare } from './compare.js';
import { measureLimits } from '../../lib/compare/machine-limits.js';
import { measureImported } from './imported.js';
import { measureKernels } from './measure-kernels.js';
import { measureNetwork } from './measure-networks.js';
import { measureNeighbour } from './neighbour.js';
import { NETWORKS } from './networks/index.js';
import { type Report, type Result, result } from './result.js';
import { selectParts } from './selection.js';
import { machineFacts } from './support/machine.js';
import { comparisonTable, resultTables } from './tables.js';

const HELP = `Usage: npm run bench -- [options]

Measures the machine's limits, single operations, and the training and inference of networks, on one and on all threads.

  --only a,b         only these: kernels, networks (${NETWORKS.map(({ key }) => key).join(', ')}),
                     neighbour (training beside a process that keeps a core busy),
                     imported (networks read from ONNX files beside the same as they were built),
                     or those whose name has the text, such as 'resnet', 'dense' or '3x3/2'
  --quick            fewer and shorter repeats
  --compare FILE     also compare with an older run
  --output FILE      results as JSON (bench-results/<date>.json)
  --help             this text
`;

const FULL = {
  kernels: { repeats: 9, seconds: 0.1 },
  networks: { epochs: 7, size: 2, passes: 7, calls: 300 },
  neighbour: { turns: 7 },
  imported: { turns: 7 },
};
const QUICK = {
  kernels: { repeats: 3, seconds: 0.02 },
  networks: { epochs: 3, size: 1, passes: 3, calls: 100 },
  neighbour: { turns: 3 },
  imported: { turns: 3 },
};

function readArguments() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: 'kernels,networks,neighbour,imported' },
      quick: { type: 'boolean', default: false },
      compare: { type: 'string' },
      output: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, ...selectParts(values.only) };
}

async function limits(threads: number): Promise<Result[]> {
  const { peak, copy } = await measureLimits(threads);
  const part = 'machine';
  return [
    result({ part, name: 'multiply-adds on registers', threads, unit: 'GFLOP/s' }, peak),
    result({ part, name: 'memcpy, read and written', threads, unit: 'GB/s' }, copy),
  ];
}

async function measureAll({
  kernels,
  networks,
  neighbour,
  imported,
  quick,
}: ReturnType<typeof readArguments>): Promise<Pick<Report, 'results' | 'left'>> {
  const effort = quick ? QUICK : FULL;
  const results: Result[] = [];
  const left: Record<string, string> = {};
  for (const threads of new Set([1, os.availableParallelism()])) {
    setThreads(threads);
    results.push(...(await limits(threads)));
    results.push(...(await measureKernels(kernels, threads, effort.kernels, left)));
    for (const network of networks)
      results.push(...(await measureNetwork(network, threads, effort.networks, left)));
  }
  if (neighbour) results.push(...(await measureNeighbour(effort.neighbour.turns)));
  if (imported) results.push(...(await measureImported(effort.imported.turns)));
  return { results, left };
}

async function main(): Promise<void> {
  const options = readArguments();
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  // The older run is read first, so that a wrong path fails at once.
  const old = options.compare && (JSON.parse(await readFile(options.compare, 'utf8')) as Report);
  const facts = machineFacts();
  const measured = await measureAll(options);
  const report: Report = { ...facts, command: process.argv.slice(2), quick: options.quick, ...measured };
  const output = options.output ?? path.join('bench-results', `${facts.date.replaceAll(':', '-')}.json`);
  await mkdir(path.dirname(output), { recursive: true });
  await writeFile(output, JSON.stringify(report, null, 2));
  const { machine, system, node, convforge, commit, compiler, load } = facts;
  const lines = [
    `${machine}; ${system}; Node ${node}; convforge ${convforge} ${commit ?? ''}; ${compiler}; load ${load.toFixed(1)}`,
    resultTables(report.results),
    ...Object.entries(report.left).map(([name, reason]) => `${name} was left out: ${reason}`),
    ...(old ? [comparisonTable(compare(old.results, report.results))] : []),
    `Written to ${output}`,
  ];
  process.stdout.write(`\n${lines.join('\n\n')}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
