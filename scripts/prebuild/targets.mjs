// The platforms that prebuilt addons are made for, and how each is compiled on another platform.
import { existsSync } from 'node:fs';

/**
 * @typedef {object} Target
 * @property {string} name name on the command line
 * @property {string} platform process.platform of Node there
 * @property {string} arch process.arch of Node there
 * @property {'glibc' | 'musl'} [libc] of Linux
 * @property {string} toolchain CMake toolchain file of a cross build, in toolchains/
 * @property {string} [zig] zig's name of the target, if zig compiles it
 * @property {string} [compiler] the cross compiler, a program
 * @property {string} [debian] Debian's package of the compiler
 */

/** @type {Target[]} */
export const TARGETS = [
  {
    name: 'linux-x64',
    platform: 'linux',
    arch: 'x64',
    libc: 'glibc',
    toolchain: 'zig.cmake',
    zig: 'x86_64-linux-gnu.2.28',
  },
  {
    name: 'linux-arm64',
    platform: 'linux',
    arch: 'arm64',
    libc: 'glibc',
    toolchain: 'arm64-gcc.cmake',
    compiler: 'aarch64-linux-gnu-g++',
    debian: 'g++-aarch64-linux-gnu',
  },
  {
    name: 'linux-x64-musl',
    platform: 'linux',
    arch: 'x64',
    libc: 'musl',
    toolchain: 'zig.cmake',
    zig: 'x86_64-linux-musl',
  },
  {
    name: 'linux-arm64-musl',
    platform: 'linux',
    arch: 'arm64',
    libc: 'musl',
    toolchain: 'zig.cmake',
    zig: 'aarch64-linux-musl',
  },
  { name: 'darwin-x64', platform: 'darwin', arch: 'x64', toolchain: 'zig.cmake', zig: 'x86_64-macos.11.0' },
  {
    name: 'darwin-arm64',
    platform: 'darwin',
    arch: 'arm64',
    toolchain: 'zig.cmake',
    zig: 'aarch64-macos.11.0',
  },
  {
    name: 'win32-x64',
    platform: 'win32',
    arch: 'x64',
    toolchain: 'x64-mingw.cmake',
    compiler: 'x86_64-w64-mingw32-g++-posix',
    debian: 'g++-mingw-w64-x86-64-posix',
  },
  {
    name: 'win32-arm64',
    platform: 'win32',
    arch: 'arm64',
    toolchain: 'zig.cmake',
    zig: 'aarch64-windows-gnu',
  },
];

/** The C library of this machine; undefined on systems other than Linux. */
export function hostLibc() {
  if (process.platform !== 'linux') return undefined;
  return existsSync('/etc/alpine-release') ? 'musl' : 'glibc';
}

/** Whether this machine's own compiler makes the target. macOS's makes both architectures. */
export function isHost(target) {
  return (
    target.platform === process.platform &&
    target.libc === hostLibc() &&
    (target.arch === process.arch || target.platform === 'darwin')
  );
}

/** Path of the prebuilt addon below prebuilds/. */
export function prebuildPath({ platform, arch, libc }) {
  return `${platform}-${arch}/convforge.${libc ? `${libc}.` : ''}node`;
}

/** The targets called `only`, or all of them. Ends the process if one isn't known. */
export function chosenTargets(only) {
  const unknown = only.filter((name) => !TARGETS.some((target) => target.name === name));
  if (unknown.length > 0) {
    console.error(
      `unknown target ${unknown.join(', ')}; there are ${TARGETS.map(({ name }) => name).join(', ')}`,
    );
    process.exit(2);
  }
  return only.length === 0 ? TARGETS : TARGETS.filter(({ name }) => only.includes(name));
}
