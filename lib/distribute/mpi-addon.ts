import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ConvforgeError } from '../errors.js';
import { packageRoot } from '../program/find-package.js';

/** What the addon over MPI exports (native/mpi/addon.cpp). */
export interface MpiAddon {
  /** The MPI that it was built with: "Open MPI 4.1.4". */
  info(): string;
  start(): { rank: number; ranks: number };
  collective(isExact: boolean): object;
  gather(bytes: Uint8Array): Promise<Uint8Array[]>;
  broadcast(bytes: Uint8Array): Promise<Uint8Array[]>;
  /** Whether all ranks have ended, and MPI is over. */
  finish(exitCode: number): boolean;
  abort(exitCode: number): never;
}

const ADVICE =
  'Install an MPI with its compiler (Debian, Ubuntu: apt-get install -y libopenmpi-dev openmpi-bin), then run ' +
  'npx convforge build --mpi.';

/** The addon's file in the package. */
export function mpiAddonFile(root: string): string {
  return path.join(root, 'build', 'mpi', 'convforge_mpi.node');
}

/** Loads the addon, for a training that so many processes share. Throws ADDON_UNAVAILABLE. */
export function loadMpiAddon(ranks: number, root = packageRoot()): MpiAddon {
  const file = mpiAddonFile(root ?? '');
  const problem = `There are ${ranks} processes, and no addon for MPI`;
  if (root === undefined || !existsSync(file))
    throw new ConvforgeError('ADDON_UNAVAILABLE', `${problem}: ${file} is not there. ${ADVICE}`);
  try {
    return createRequire(file)(file) as MpiAddon;
  } catch (cause) {
    const { message } = cause as Error;
    throw new ConvforgeError(
      'ADDON_UNAVAILABLE',
      `${problem}: ${file} can't be loaded: ${message.trim()}. ${ADVICE}`,
      { cause },
    );
  }
}
