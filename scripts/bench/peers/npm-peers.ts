import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { channelsFirst, drawWeights, LENET } from '../../../lib/compare/network.js';
import { onnxModel } from '../../../lib/compare/onnx-file.js';
import { MissingPeer, type Peer, PEERS_FOLDER, setupCommand } from './peer.js';

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

function writeOnnx(data: string): void {
  writeFileSync(path.join(data, 'lenet.onnx'), onnxModel(LENET, channelsFirst(LENET, drawWeights(LENET, 1))));
}

export const NPM_PEERS: readonly Peer[] = [
  npmPeer({
    name: 'onnxruntime-node',
    threaded: true,
    slow: false,
    remark: 'it only infers',
    packages: ['onnxruntime-node'],
    script: 'onnxruntime.ts',
    prepare: writeOnnx,
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
