import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Network } from '../networks/network.js';
import type { TwoHosts } from './hosts.js';

/** What a turn is given. */
export interface Turn {
  network: Network;
  seconds: number;
  /** Undefined: all processes are on this machine's own network, where MPI uses shared memory. */
  hosts: TwoHosts | undefined;
  /** The Python that has PyTorch. */
  python: string | undefined;
}

/** A way to train. It resolves to images a second. */
export type Situation = (turn: Turn) => Promise<number>;

const RANK = path.join(__dirname, 'rank.ts');
const DDP = path.join(__dirname, '../peers/networks/ddp.py');

export const SITUATIONS: Readonly<Record<string, Situation>> = {
  '1 thread': (turn) => threads(turn, 1),
  '2 threads': (turn) => threads(turn, 2),
  '2 ranks': (turn) => ranks(turn, 'exact'),
  '2 ranks, exact: false': (turn) => ranks(turn, 'free'),
  'DDP, 1 process': (turn) => ddp(turn, 1),
  'DDP, 2 processes': (turn) => ddp(turn, 2),
};

const program = ({ network, seconds }: Turn, exact: string) => [
  ...[process.execPath, '--import', 'tsx', RANK],
  ...[network.key, String(seconds), exact, String(network.batch)],
];

function threads(turn: Turn, count: number): Promise<number> {
  return run([program(turn, 'exact')], [{ CONVFORGE_THREADS: String(count) }]);
}

function ranks(turn: Turn, exact: string): Promise<number> {
  const { hosts } = turn;
  const asRoot = process.getuid?.() === 0 ? ['--allow-run-as-root'] : [];
  const options = [...asRoot, '--bind-to', 'none', '-x', 'CONVFORGE_THREADS', '-np', '2'];
  if (hosts) {
    const network = `${hosts.addresses[0]}/24`;
    options.push('--host', hosts.addresses.map((address) => `${address}:1`).join());
    options.push('--mca', 'plm_rsh_agent', hosts.agent, '--mca', 'btl', 'tcp,self');
    options.push('--mca', 'oob_tcp_if_include', network, '--mca', 'btl_tcp_if_include', network);
  }
  const command = ['mpirun', ...options, ...program(turn, exact)];
  return run([hosts ? [...hosts.on(0), ...command] : command], [{ CONVFORGE_THREADS: '1' }]);
}

async function ddp({ network, seconds, hosts, python }: Turn, count: number): Promise<number> {
  // A new namespace has all ports free.
  const port = hosts ? 29500 : await freePort();
  const command = [python as string, DDP, network.key, String(seconds), String(network.batch)];
  const commands = Array.from({ length: count }, (_, i) => (hosts ? [...hosts.on(i), ...command] : command));
  const environments = commands.map((_, i) => ({
    RANK: String(i),
    WORLD_SIZE: String(count),
    MASTER_ADDR: hosts ? hosts.addresses[0] : '127.0.0.1',
    MASTER_PORT: String(port),
    GLOO_SOCKET_IFNAME: hosts ? hosts.devices[i] : 'lo',
    OMP_NUM_THREADS: '1',
  }));
  return run(commands, environments);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs commands together. One of them prints a rate. */
async function run(
  commands: readonly string[][],
  environments: readonly NodeJS.ProcessEnv[],
): Promise<number> {
  let rate: number | undefined;
  const ends = commands.map(async ([file, ...args], i) => {
    const env = { ...process.env, ...environments[i] };
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const code = new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
    for await (const line of createInterface(child.stdout))
      if (line.startsWith('{')) rate = JSON.parse(line).rate;
    return code;
  });
  const codes = await Promise.all(ends);
  if (rate === undefined || codes.some((code) => code !== 0))
    throw new Error(`${commands[0].join(' ')} has failed.`);
  return rate;
}
