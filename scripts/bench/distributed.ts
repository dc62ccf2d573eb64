import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { formatNumber, formatTable } from '../../lib/compare/format.js';
import { summarize } from '../../lib/compare/statistics.js';
import { makeHosts, type TwoHosts } from './distributed/hosts.js';
import { SITUATIONS } from './distributed/situations.js';
import { NETWORKS } from './networks/index.js';
import type { Network } from './networks/network.js';
import { machineFacts } from './support/machine.js';

const HELP = `Usage: npm run bench:distributed -- [options]

Trains networks on one thread, on two, on two ranks of one thread by mpirun, and on one and two processes of one thread
of PyTorch's DistributedDataParallel (gloo). They take turns. Prints images a second, and the medians of the ratios to
one thread of the same engine. Takes \`npx convforge build --mpi\`.

  --networks A,B   keys of networks (lenet,resnet-20,vgg,mobilenet)
  --batch N        images of a batch (as bench has it)
  --seconds N      of a turn (3)
  --turns N        of each (3)
  --python FILE    a Python with PyTorch; without it, PyTorch is left out
  --tcp            two ranks talk over TCP between two network namespaces of Linux; takes root
  --gbit N         and so many Gbit/s at most
  --help           this text
`;

const options = {
  networks: { type: 'string', default: 'lenet,resnet-20,vgg,mobilenet' },
  batch: { type: 'string' },
  seconds: { type: 'string', default: '3' },
  turns: { type: 'string', default: '3' },
  python: { type: 'string' },
  tcp: { type: 'boolean', default: false },
  gbit: { type: 'string', default: '0' },
  help: { type: 'boolean', default: false },
} as const;

type Settings = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** Rows of the table: images a second, and the ratio to one thread. */
async function measure(
  network: Network,
  settings: Settings,
  hosts: TwoHosts | undefined,
): Promise<string[][]> {
  const names = Object.keys(SITUATIONS).filter((name) => settings.python || !name.startsWith('DDP'));
  const rates = new Map(names.map((name) => [name, [] as number[]]));
  const turn = { network, seconds: Number(settings.seconds), hosts, python: settings.python };
  for (let i = 0; i < Number(settings.turns); i++)
    for (const name of names) rates.get(name)?.push(await SITUATIONS[name](turn));
  const ratioTo = (name: string, other: string) => {
    const base = rates.get(other) as number[];
    const ratios = (rates.get(name) as number[]).map((rate, i) => rate / base[i]);
    const { median, low, high } = summarize(ratios);
    return `${median.toFixed(3)} (${low.toFixed(3)} .. ${high.toFixed(3)})`;
  };
  return names.map((name) => [
    `${network.name}, batch ${network.batch}`,
    name,
    formatNumber(summarize(rates.get(name) as number[]).median),
    ratioTo(name, name.startsWith('DDP') ? 'DDP, 1 process' : '1 thread'),
    name.startsWith('2 ranks') ? ratioTo(name, '2 threads') : '',
  ]);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const networks = NETWORKS.filter(({ key }) => values.networks.split(',').includes(key));
  const folder = mkdtempSync(path.join(tmpdir(), 'convforge-distributed-'));
  const hosts = values.tcp ? makeHosts(folder, Number(values.gbit)) : undefined;
  try {
    const { machine, node, commit } = machineFacts();
    process.stdout.write(`${machine}; Node ${node}; ${commit ?? ''}\n\n`);
    for (const network of networks) {
      const batch = Number(values.batch ?? network.batch);
      const rows = await measure({ ...network, batch }, values, hosts);
      const header = ['network', 'trained on', 'images/s', 'of one thread', 'of two threads'];
      process.stdout.write(`${formatTable(header, rows)}\n\n`);
    }
  } finally {
    hosts?.remove();
    rmSync(folder, { recursive: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
