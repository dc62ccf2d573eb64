import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Command } from './measurement.js';
import type { Task } from './protocol.js';
import { PYTORCH_PROGRAM } from './workers/pytorch-program.js';

/** What computes: convforge's addon, its reference engine, a JavaScript library, or another native library. */
export type Side = 'convforge' | 'reference' | 'javascript' | 'native';

/** A library in one configuration, which a process of its own measures. */
export interface Contestant {
  /** Unique together with `threads`. */
  name: string;
  side: Side;
  threads: number;
  tasks: readonly Task[];
  /** Whether it also takes part for single layers. */
  kernels: boolean;
  optimizer: 'adam' | 'sgd';
  /** What a reader must know of its figures. */
  remark?: string;
  command: Command;
}

/** A library that isn't installed, and the command that installs it. */
export interface Missing {
  name: string;
  command: string;
}

export interface Found {
  contestants: Contestant[];
  missing: Missing[];
}

/** Where peers are looked for, and what convforge is measured with. */
export interface Places {
  /** The user's folder. */
  cwd: string;
  /** Instruction sets, best first. */
  isas: readonly string[];
  /** Numbers of threads. */
  threads: readonly number[];
}

const BOTH: readonly Task[] = ['training', 'inference'];

function worker(name: string, ...args: readonly string[]): Command {
  return { file: process.execPath, args: [path.join(__dirname, 'workers', `${name}.js`), ...args] };
}

/** convforge with each instruction set and number of threads, and its reference engine. */
export function ownContestants({ isas, threads }: Omit<Places, 'cwd'>): Contestant[] {
  const native = isas.flatMap((isa, rank) =>
    threads.map(
      (count): Contestant => ({
        name: `convforge ${isa}`,
        side: 'convforge',
        threads: count,
        tasks: BOTH,
        kernels: rank === 0,
        optimizer: 'adam',
        command: {
          ...worker('convforge', 'native'),
          env: { CONVFORGE_ISA: isa, CONVFORGE_THREADS: String(count) },
        },
      }),
    ),
  );
  return [...native, referenceContestant()];
}

/** The engine whose results all others must have. */
export function referenceContestant(): Contestant {
  return {
    name: 'convforge reference engine',
    side: 'reference',
    threads: 1,
    tasks: BOTH,
    kernels: true,
    optimizer: 'adam',
    command: worker('convforge', 'reference'),
  };
}

interface NpmPeer extends Pick<Contestant, 'name' | 'side' | 'tasks' | 'remark'> {
  /** Lists of packages, of which all of one list must be there. */
  packages: readonly (readonly string[])[];
  install: string;
  threaded?: boolean;
  kernels?: boolean;
  optimizer?: Contestant['optimizer'];
  /** The worker and its arguments after the file from which packages are looked for. */
  command(from: string, threads: number): Command;
}

const CORE = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'];

const NPM_PEERS: readonly NpmPeer[] = [
  {
    name: 'TF.js cpu',
    side: 'javascript',
    tasks: BOTH,
    kernels: true,
    packages: [['@tensorflow/tfjs'], [...CORE, '@tensorflow/tfjs-backend-cpu']],
    install: 'npm install @tensorflow/tfjs',
    command: (from) => worker('tfjs', from, 'cpu'),
  },
  {
    name: 'TF.js wasm',
    side: 'javascript',
    tasks: ['inference'],
    kernels: true,
    remark: 'only infers: its backend lacks the kernel gradient of a convolution. In Node it has one thread',
    packages: [
      ['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs'],
      ['@tensorflow/tfjs-backend-wasm', ...CORE],
    ],
    install: 'npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm',
    command: (from) => worker('tfjs', from, 'wasm'),
  },
  {
    name: 'ConvNetJS',
    side: 'javascript',
    tasks: BOTH,
    optimizer: 'sgd',
    remark: 'trains with plain SGD, which is less work: it has no Adam. It takes one image at a time',
    packages: [['convnetjs']],
    install: 'npm install convnetjs',
    command: (from) => worker('convnetjs', from),
  },
  {
    name: 'tfjs-node',
    side: 'native',
    tasks: BOTH,
    threaded: true,
    packages: [['@tensorflow/tfjs-node']],
    install: 'npm install @tensorflow/tfjs-node',
    command: (from, threads) => ({
      ...worker('tfjs', from, 'tensorflow'),
      env: { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: '1' },
    }),
  },
  {
    name: 'onnxruntime-node',
    side: 'native',
    tasks: ['inference'],
    threaded: true,
    remark: 'only infers',
    packages: [['onnxruntime-node']],
    install: 'npm install onnxruntime-node',
    command: (from, threads) => worker('onnxruntime', from, String(threads)),
  },
];

/** All that can be measured here, and what could be if it were installed. */
export function findContestants(places: Places): Found {
  const found: Found = { contestants: ownContestants(places), missing: [] };
  for (const peer of NPM_PEERS) {
    const from = findPackages(peer.packages, places.cwd);
    if (from === undefined) found.missing.push({ name: peer.name, command: peer.install });
    else found.contestants.push(...npmContestants(peer, from, places.threads));
  }
  if (hasPytorch()) found.contestants.push(...places.threads.map(pytorch));
  else found.missing.push({ name: 'PyTorch', command: 'python3 -m pip install torch numpy' });
  return found;
}

function npmContestants(peer: NpmPeer, from: string, threads: readonly number[]): Contestant[] {
  const { name, side, tasks, remark, threaded = false, kernels = false, optimizer = 'adam' } = peer;
  return (threaded ? threads : [1]).map((count) => ({
    ...{ name, side, tasks, remark, kernels, optimizer, threads: count },
    command: peer.command(from, count),
  }));
}

/** A file from which one of the lists of packages is found: in the user's folder, or beside convforge. */
function findPackages(lists: NpmPeer['packages'], cwd: string): string | undefined {
  const froms = [path.join(cwd, 'package.json'), __filename];
  return froms.find((from) => lists.some((names) => names.every((name) => isInstalled(name, from))));
}

/** Looks for the package's folder, since resolving needs a main file that suits this Node. */
function isInstalled(name: string, from: string): boolean {
  const folders = createRequire(from).resolve.paths(name) ?? [];
  return folders.some((folder) => existsSync(path.join(folder, name, 'package.json')));
}

function pytorch(threads: number): Contestant {
  return {
    name: 'PyTorch',
    side: 'native',
    threads,
    tasks: BOTH,
    kernels: false,
    optimizer: 'adam',
    command: {
      file: 'python3',
      args: ['-c', PYTORCH_PROGRAM, String(threads)],
      env: { OMP_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) },
    },
  };
}

function hasPytorch(): boolean {
  try {
    const find =
      'import importlib.util as u, sys; sys.exit(None in (u.find_spec("torch"), u.find_spec("numpy")))';
    execFileSync('python3', ['-c', find], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}
