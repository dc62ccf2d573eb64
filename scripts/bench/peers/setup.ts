import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ONEDNN_3, PEERS_FOLDER, VENV } from './peer.js';

/** What `--setup` can install into the peers' folder. Nothing else in the project needs it. */
export interface SetupPart {
  name: string;
  /** The packages, with their versions. */
  packages: readonly string[];
  /** About what it takes on disk, in MB, estimated from the sizes of the packages. */
  megabytes: number;
  /** Something to know beforehand. */
  remark?: string;
  /** Throws an Error with the reason if it can't be installed. */
  install(packages: readonly string[]): void;
}

/** PyTorch's index of builds without CUDA. */
const PYTORCH_CPU = 'https://download.pytorch.org/whl/cpu';

export const SETUP_PARTS: readonly SetupPart[] = [
  {
    name: 'onednn-3',
    packages: ['onednn-devel-cpu-gomp==2023.2.0', 'onednn-cpu-gomp==2023.2.0'],
    megabytes: 60,
    install: installOnednn,
  },
  {
    name: 'pytorch',
    packages: ['torch==2.15.0', 'torchvision==0.29.2', 'numpy==2.4.6', 'onnx==1.23.2'],
    megabytes: 1200,
    remark: "some 6 GB where PyTorch's own index can't be reached, as PyPI has only the build with CUDA",
    install: installPytorch,
  },
  { name: 'onnxruntime', packages: ['onnxruntime==1.32.0'], megabytes: 150, install: pipInstall },
  { name: 'openvino', packages: ['openvino==2026.4.1'], megabytes: 250, install: pipInstall },
  {
    name: 'keras',
    packages: ['keras==3.15.1', 'tensorflow-cpu==2.21.0', 'jax==0.10.2'],
    megabytes: 1600,
    install: pipInstall,
  },
  {
    name: 'npm',
    packages: [
      'onnxruntime-node@1.30.0',
      '@tensorflow/tfjs@4.22.0',
      '@tensorflow/tfjs-backend-wasm@4.22.0',
      'convnetjs@0.3.0',
    ],
    megabytes: 500,
    install: npmInstall,
  },
];

/**
 * Installs the parts with these names, or all of them. Prints beforehand what they take on disk, and at the end
 * which ones couldn't be installed and why. Returns whether all could.
 */
export function setup(
  names: readonly string[],
  parts: readonly SetupPart[] = SETUP_PARTS,
  write: (text: string) => void = (text) => process.stdout.write(text),
): boolean {
  const unknown = names.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined) {
    const known = parts.map(({ name }) => name).join(', ');
    throw new Error(`--setup ${unknown}: there are ${known}`);
  }
  const chosen = parts.filter(({ name }) => names.length === 0 || names.includes(name));
  write(`${plan(chosen)}\n`);
  const failures: string[] = [];
  for (const { name, packages, install } of chosen) {
    write(`\n${name}\n`);
    try {
      install(packages);
    } catch (error) {
      failures.push(`${name}: ${(error as Error).message}`);
    }
  }
  write(failures.length > 0 ? `\nNot installed:\n${failures.join('\n')}\n` : '\nAll installed.\n');
  return failures.length === 0;
}

function plan(parts: readonly SetupPart[]): string {
  const lines = parts.map(({ name, packages, megabytes, remark }) => {
    const size = `about ${megabytes.toLocaleString('en-US')} MB${remark ? ` (${remark})` : ''}`;
    return `  ${name}: ${size}\n      ${packages.join(' ')}`;
  });
  const sum = parts.reduce((total, { megabytes }) => total + megabytes, 0).toLocaleString('en-US');
  return `Installs into ${PEERS_FOLDER}, about ${sum} MB on disk:\n${lines.join('\n')}`;
}

function pipInstall(packages: readonly string[]): void {
  pip('install', ...packages);
}

function installPytorch([torch, torchvision, ...others]: readonly string[]): void {
  try {
    // Without retries: the index can be out of reach.
    pip('install', '--retries', '0', '--index-url', PYTORCH_CPU, torch, torchvision);
  } catch {
    pip('install', torch, torchvision);
  }
  pip('install', ...others);
}

/** Only unpacks the headers and the library. */
function installOnednn(packages: readonly string[]): void {
  mkdirSync(PEERS_FOLDER, { recursive: true });
  const folder = mkdtempSync(path.join(PEERS_FOLDER, 'download-'));
  try {
    pip('download', '--no-deps', '--dest', folder, ...packages);
    for (const wheel of readdirSync(folder)) {
      run(python(), ['-m', 'zipfile', '-e', path.join(folder, wheel), path.join(folder, 'unpacked')]);
    }
    const unpacked = path.join(folder, 'unpacked');
    const data = readdirSync(unpacked)
      .filter((name) => name.endsWith('.data'))
      .map((name) => path.join(unpacked, name, 'data'));
    const holding = (file: string) => {
      const found = data.map((each) => path.join(each, file)).find(existsSync);
      if (found === undefined) throw new Error(`The packages have no ${file}.`);
      return found;
    };
    mkdirSync(path.join(ONEDNN_3, 'lib'), { recursive: true });
    cpSync(holding('include'), path.join(ONEDNN_3, 'include'), { recursive: true });
    copyFileSync(holding('lib/libdnnl.so.3'), path.join(ONEDNN_3, 'lib', 'libdnnl.so.3'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function npmInstall(packages: readonly string[]): void {
  mkdirSync(PEERS_FOLDER, { recursive: true });
  run('npm', ['install', '--ignore-scripts', '--prefix', PEERS_FOLDER, ...packages]);
}

function pip(...args: string[]): void {
  run(python(), ['-m', 'pip', '--disable-pip-version-check', ...args]);
}

/** The virtual environment's Python, which is made first if need be. */
function python(): string {
  const file = path.join(VENV, 'bin', 'python');
  if (!existsSync(file)) run('python3', ['-m', 'venv', VENV]);
  return file;
}

/** Throws an Error with the command's last lines of errors if it fails. */
function run(file: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(file, args, {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr.trim().split('\n').slice(-3).join('\n'));
}
