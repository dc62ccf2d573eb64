import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { Command } from './measurement.js';

/** What is measured: the network, or single operations. */
export type Work = 'lenet' | 'kernels';

export interface Peer {
  name: string;
  work: readonly Work[];
  /** Whether it can use more than one thread. */
  threaded: boolean;
  /** Whether a round takes so long that only one is run. */
  slow: boolean;
  /** The work that it can't do. */
  remark?: string;
  /** The process that measures `work`. `data` is the folder with its inputs. Throws MissingPeer. */
  command(work: Work, threads: number, data: string): Command;
}

/** The peer isn't installed. The message says how to get it. */
export class MissingPeer extends Error {}

export const ROOT = path.join(__dirname, '..', '..', '..');

/**
 * The folder of peers that aren't installed in the system. It is separate from the project's own packages.
 */
export const PEERS_FOLDER = path.resolve(process.env.CONVFORGE_PEERS ?? path.join(ROOT, 'bench-peers'));

/** Debian's Python, which has PyTorch. */
export const PYTHON = '/usr/bin/python3';

/** Some machines set these variables for other programs, to kernels that aren't the fastest. */
export const UNSET = { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined };

export function checkPytorch(purpose: string): void {
  try {
    execFileSync(PYTHON, ['-c', 'import torch'], { stdio: 'ignore', env: { ...process.env, ...UNSET } });
  } catch {
    throw new MissingPeer(`apt-get install python3-torch${purpose}`);
  }
}
