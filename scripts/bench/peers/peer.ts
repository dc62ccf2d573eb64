import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from '../../../lib/compare/measurement.js';

/** The peer that the others are compared with. */
export const SELF = 'convforge';

/** What is measured: the LeNet in many libraries, single operations, or whole networks. */
export type Work = 'lenet' | 'kernels' | 'networks';

export interface Peer {
  name: string;
  work: readonly Work[];
  /** Whether it can use more than one thread. */
  threaded: boolean;
  /** Whether a round takes so long that only one is run. */
  slow: boolean;
  /** The keys of the networks that it measures; all of them if undefined. */
  networks?: readonly string[];
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

/** Its Python, with PyTorch and others, and its oneDNN 3. `--setup` makes both. */
export const VENV = path.join(PEERS_FOLDER, 'venv');
export const ONEDNN_3 = path.join(PEERS_FOLDER, 'onednn-3');

/** Some machines set these variables for other programs, to kernels that aren't the fastest. */
export const UNSET = { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined };

export interface Python {
  file: string;
  /** Whether it is the one in the peers' folder, rather than Debian's. */
  isOwn: boolean;
}

let pytorch: Python | undefined;

/** A Python that has PyTorch, preferably the one in the peers' folder. Throws MissingPeer. */
export function pytorchPython(): Python {
  pytorch ??= [
    { file: path.join(VENV, 'bin', 'python'), isOwn: true },
    { file: '/usr/bin/python3', isOwn: false },
  ].find(({ file }) => existsSync(file) && hasPytorch(file));
  if (pytorch) return pytorch;
  throw new MissingPeer(`${setupCommand('pytorch')} or apt-get install python3-torch`);
}

function hasPytorch(python: string): boolean {
  try {
    const find = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)';
    execFileSync(python, ['-c', find], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The command that installs a part of the peers' folder. */
export function setupCommand(part: string): string {
  return `npm run bench:peers -- --setup ${part}`;
}
