import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { MissingPeer, type Peer, PEERS_FOLDER, pytorchPython, setupCommand, UNSET } from './peer.js';

interface NpmPeer extends Pick<Peer, 'name' | 'threaded' | 'slow' | 'remark'> {
  packages: readonly string[];
  /**
   * The script in this folder. Its arguments are the peers' folder, the inputs' folder, the number of threads
   * and `args`.
   */
  script: string;
  args?: readonly string[];
  /** Adds files to the inputs' folder. */
  prepare?(data: string): void;
}

function npmPeer({ name, threaded, slow, remark, packages, script, args = [], prepare }: NpmPeer): Peer {
  return {
    name,
    work: ['lenet'],
    threaded,
    slow,
    remark,
    command: (_, threads, data) => {
      checkPackages(packages);
      prepare?.(data);
      return {
        file: process.execPath,
        args: ['--import', 'tsx', path.join(__dirname, script), PEERS_FOLDER, data, String(threads), ...args],
      };
    },
  };
}

function checkPackages(packages: readonly string[]): void {
  const { resolve } = createRequire(path.join(PEERS_FOLDER, 'package.json'));
  try {
    for (const name of packages) resolve(name);
  } catch {
    throw new MissingPeer(setupCommand('npm'));
  }
}

/** PyTorch writes the ONNX model. */
function exportOnnx(data: string): void {
  const model = path.join(data, 'lenet.onnx');
  if (existsSync(model)) return;
  const { file } = pytorchPython(', which writes its model');
  const args = [path.join(__dirname, 'export-onnx.py'), model];
  execFileSync(file, args, { stdio: 'ignore', env: { ...process.env, ...UNSET } });
}

export const NPM_PEERS: readonly Peer[] = [
  npmPeer({
    name: 'onnxruntime-node',
    threaded: true,
    slow: false,
    remark: 'it only infers',
    packages: ['onnxruntime-node'],
    script: 'onnxruntime.ts',
    prepare: exportOnnx,
  }),
  npmPeer({
    name: 'TF.js wasm',
    threaded: false,
    slow: false,
    remark:
      'in Node the wasm backend has one thread, and it lacks the kernel gradient of a convolution, so that it only infers',
    packages: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'],
    script: 'tfjs.ts',
    args: ['wasm'],
  }),
  npmPeer({
    name: 'TF.js cpu',
    threaded: false,
    slow: true,
    packages: ['@tensorflow/tfjs'],
    script: 'tfjs.ts',
    args: ['cpu'],
  }),
  npmPeer({
    name: 'ConvNetJS',
    threaded: false,
    slow: true,
    packages: ['convnetjs'],
    script: 'convnetjs.ts',
  }),
];
