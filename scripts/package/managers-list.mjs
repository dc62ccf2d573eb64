// The package managers that the package is installed with (managers.mjs), at pinned versions, and how each is told to.
import os from 'node:os';

const own = `${process.platform}-${os.arch()}`;

/** A Node for managers that need a newer one than the oldest that convforge supports. */
export const NODE_24 = `node-${own.replace('win32', 'win')}@24.22.3`;

/** Programs of npm's packages for this platform. */
const BUN = `@oven/bun-${own.replace('win32', 'windows').replace('arm64', 'aarch64')}`;
const DENO = `@deno/${own}${process.platform === 'linux' ? '-glibc' : ''}`;

const viaNode = ['node', 'train.mjs'];

function npm(name, version, options, node) {
  return {
    name,
    package: `npm@${version}`,
    node,
    add: (tarball) => ['npm', 'install', ...options, tarball],
    again: ['npm', 'ci', '--offline', ...options],
    repeats: 'npm ci, offline',
    train: viaNode,
  };
}

function yarn4(linker, train) {
  return {
    name: `Yarn 4, ${linker}`,
    package: '@yarnpkg/cli-dist@4.18.1',
    program: 'yarn',
    node: NODE_24,
    files: { '.yarnrc.yml': `nodeLinker: ${linker}\n`, 'yarn.lock': '' },
    add: (tarball) => ['yarn', 'add', `convforge@file:${tarball}`],
    again: ['yarn', 'install', '--immutable'],
    repeats: 'immutable',
    train,
  };
}

/**
 * Each has a name; its package on npm; its program, by default named as the package; the package of the Node that runs
 * it, by default this one; files that the project needs; the commands that add the tarball, that install it again from
 * the lock file (`repeats` says how), and that train.
 */
export const MANAGERS = [
  npm('npm 11, scripts on', '11.19.1', []),
  npm('npm 11, scripts off', '11.19.1', ['--ignore-scripts']),
  npm('npm 12, scripts on', '12.2.2', ['--dangerously-allow-all-scripts'], NODE_24),
  // An install script would be an error, not a warning.
  npm('npm 12, scripts off', '12.2.2', ['--strict-allow-scripts'], NODE_24),
  {
    name: 'pnpm 12',
    package: 'pnpm@12.23.0',
    node: NODE_24,
    add: (tarball) => ['pnpm', 'add', tarball],
    again: ['pnpm', 'install', '--frozen-lockfile'],
    repeats: 'frozen lockfile',
    train: viaNode,
  },
  {
    name: 'Yarn 1',
    package: 'yarn@1.22.22',
    add: (tarball) => ['yarn', 'add', tarball],
    again: ['yarn', 'install', '--frozen-lockfile'],
    repeats: 'frozen lockfile',
    train: viaNode,
  },
  yarn4('node-modules', viaNode),
  yarn4('pnp', ['yarn', 'node', 'train.mjs']),
  {
    name: 'Bun',
    package: `${BUN}@1.4.5`,
    binary: 'bin/bun',
    program: 'bun',
    add: (tarball) => ['bun', 'add', tarball],
    again: ['bun', 'install', '--frozen-lockfile'],
    repeats: 'frozen lockfile',
    train: ['bun', 'train.mjs'],
  },
  {
    name: 'Deno',
    package: `${DENO}@2.9.6`,
    binary: 'deno',
    program: 'deno',
    // It takes packages from registries alone: a small one on this machine has the tarball.
    registry: true,
    add: () => ['deno', 'add', 'npm:convforge'],
    again: ['deno', 'install', '--frozen'],
    repeats: 'frozen lockfile',
    train: ['deno', 'run', '--allow-all', 'train.mjs'],
  },
];
