import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import loadAddon from 'node-gyp-build';
import { beforeEach, describe, expect, it } from 'vitest';
import { type BuildFlags, buildAddon, buildMpiAddon } from '../../lib/cli/build-command.js';
import { describeMissing } from '../../lib/cli/toolchain/advice.js';
import { findCompiler } from '../../lib/cli/toolchain/compiler.js';
import { onPath } from '../../lib/cli/toolchain/find.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/*
 * Builds in a folder that looks like an installed package, with a PATH that has nothing but what a test puts there.
 * The builders are scripts that leave the addon of this clone where the real ones would.
 */

const path = temporaryFolder();

/** Puts a program on the PATH. */
function program(name: string, text: string): void {
  const file = path(join('bin', name));
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

const shell = (name: string, text: string) => program(name, `#!/bin/sh\n${text}\n`);
const python = (version = '3.11.2') => shell('python3', `echo "${version} /usr/bin/python3"`);
const compiler = (name = 'g++') => shell(name, `if [ "$1" = --version ]; then echo '${name} 12.2.0'; fi`);
const make = () => shell('make', '');

/** Logs its arguments, and makes an addon if they are those of the last step. */
function builder(name: string, lastStep: string, folder: string): void {
  const addon = JSON.stringify(loadAddon.path(resolve('.')));
  program(
    name,
    `#!/usr/bin/env node
    const fs = require('fs');
    fs.appendFileSync(${JSON.stringify(path('log'))}, process.argv.slice(2).join(' ') + '\\n');
    if (process.argv[2] === '${lastStep}') {
      fs.mkdirSync('${folder}/Release', { recursive: true });
      fs.copyFileSync(${addon}, '${folder}/Release/convforge.node');
    }`,
  );
}

async function build(flags: BuildFlags = {}): Promise<string> {
  const lines: string[] = [];
  const env = { PATH: path('bin'), HOME: path('') };
  await buildAddon(flags, (line) => lines.push(line), path('package'), { env, folder: path('') });
  return lines.join('\n');
}

beforeEach(() => {
  mkdirSync(path('bin'));
  mkdirSync(path('package/source'), { recursive: true });
  writeFileSync(path('package/source/binding.gyp'), '{}');
});

describe.skipIf(process.platform === 'win32')('convforge build', () => {
  it('says what is missing, and how to get it', async () => {
    const { message } = await expectError(
      () => build(),
      'ADDON_UNAVAILABLE',
      /can't be compiled with node-gyp/,
    );
    expect(message).toContain('- Python 3: ');
    expect(message).toContain('- make: ');
    expect(message).toContain('- a C++20 compiler (GCC 11, clang 14, or later): ');
    expect(message).toMatch(/\nOn .*: .*python/);
  });

  it.each<[string, () => void, string]>([
    ['Python', () => [make(), compiler()], 'Python 3'],
    ['a Python that is too old', () => [make(), compiler(), python('2.7.18')], 'Python 3'],
    ['make', () => [python(), compiler()], 'make'],
    ['a compiler', () => [python(), make()], 'a C++20 compiler'],
  ])('misses %s alone', async (_, tools, name) => {
    tools();
    const { message } = await expectError(() => build({ check: true }), 'ADDON_UNAVAILABLE');
    const missing = [...message.matchAll(/^ {2}- (.*?)(?: \(GCC.*?\))?:/gm)].map(([, what]) => what);
    expect(missing).toEqual([name]);
  });

  it('takes the builder that has all that it takes', async () => {
    builder('cmake-js', 'compile', 'build-cmake');
    for (const name of ['cmake', 'ninja']) shell(name, 'echo "cmake version 3.25.1"');
    compiler();
    expect(await build({ check: true })).toMatch(
      /cmake 3\.25\.1.*\nNothing is missing to build with cmake-js\./,
    );
  });

  it('tells machines what is found', async () => {
    [python(), make(), compiler(), builder('node-gyp', 'build', 'build')];
    const { builder: name, found } = JSON.parse(await build({ check: true, json: true }));
    expect(name).toBe('node-gyp');
    expect(found).toContainEqual(expect.stringContaining('g++ 12.2.0'));
  });

  it('names a builder that was asked for and is not there', async () => {
    compiler();
    const { message } = await expectError(
      () => build({ with: 'cmake-js' }),
      'ADDON_UNAVAILABLE',
      /- cmake-js: /,
    );
    expect(message).toContain('npm install --save-dev cmake-js');
  });

  // With PREBUILDS_ONLY set, node-gyp-build leaves out build/.
  it.skipIf(process.env.PREBUILDS_ONLY).each<['node-gyp' | 'cmake-js', string, string[]]>([
    ['node-gyp', 'build', ['configure --python=/usr/bin/python3', 'build --jobs']],
    ['cmake-js', 'build-cmake', ['compile --out build-cmake --parallel']],
  ])('puts what %s compiled where it is looked for first', async (name, folder, steps) => {
    builder(name, steps.at(-1)?.split(' ')[0] as string, folder);
    [python(), make(), compiler(), shell('cmake', 'echo cmake version 3.25.1')];
    const text = await build({ with: name });
    const file = path('package/build/Release/convforge.node');
    expect(text.split('\n').at(-1)).toMatch(/convforge\.node: .*, in \d+ s$/);
    expect(loadAddon.path(path('package'))).toBe(file);
    expect(existsSync(path(`package/source/${folder}`))).toBe(false);
    const log = readFileSync(path('log'), 'utf8').trim().split('\n');
    expect(log.map((line, i) => line.startsWith(steps[i]))).toEqual(steps.map(() => true));
    expect(JSON.parse(await build({ with: name, json: true }))).toMatchObject({ builder: name, file });
  });

  it('passes over the node-gyp that Yarn puts on the PATH, which runs in workspaces alone', async () => {
    mkdirSync(path('bin/xfs-1a2b'));
    shell('xfs-1a2b/node-gyp', 'exit 1');
    [python(), make(), compiler()];
    const env = { PATH: [path('bin/xfs-1a2b'), path('bin')].join(delimiter) };
    const lines: string[] = [];
    const around = { env, folder: path('') };
    await buildAddon({ check: true }, (line) => lines.push(line), path('package'), around).catch((error) =>
      lines.push(error.message),
    );
    expect(lines.join('\n')).toContain('Python 3.11.2');
    expect(lines.join('\n')).not.toContain('xfs-');
  });

  it('ends with the builder’s last words if it fails', async () => {
    shell('node-gyp', 'echo compiling; echo "error: no such thing" >&2; exit 1');
    [python(), make(), compiler()];
    await expectError(
      () => build(),
      'ADDON_UNAVAILABLE',
      /^node-gyp configure failed\.\n {2}compiling\n {2}error: no such thing\n.*--verbose/,
    );
    expect(existsSync(path('package/build'))).toBe(false);
  });

  it('says how to do without a network', async () => {
    shell('node-gyp', 'echo "getaddrinfo ENOTFOUND nodejs.org"; exit 1');
    [python(), make(), compiler()];
    await expectError(() => build(), 'ADDON_UNAVAILABLE', /npm_config_nodedir/);
  });

  it('places no addon that does not load', async () => {
    builder('node-gyp', 'none', 'build');
    program(
      'node-gyp',
      readFileSync(path('bin/node-gyp'), 'utf8')
        .replace(/copyFileSync\(.*?,/, "writeFileSync('build/Release/convforge.node', '');(")
        .replace("'none'", "'build'"),
    );
    [python(), make(), compiler()];
    await expectError(() => build(), 'ADDON_UNAVAILABLE', /was built, but can't be loaded/);
    expect(existsSync(path('package/build'))).toBe(false);
  });

  it('needs the sources', async () => {
    await expectError(
      () => buildAddon({}, () => {}, path('nothing'), { env: {}, folder: path('') }),
      'ADDON_UNAVAILABLE',
      /source is missing/,
    );
  });
});

describe.skipIf(process.platform === 'win32')('convforge build --mpi', () => {
  async function buildMpi(flags: BuildFlags = {}): Promise<string> {
    const lines: string[] = [];
    const around = { env: { PATH: path('bin') }, folder: path('') };
    await buildMpiAddon(flags, (line) => lines.push(line), path('package'), around);
    return lines.join('\n');
  }

  it('says what MPI is missing, and how to get it', async () => {
    const { message } = await expectError(() => buildMpi(), 'ADDON_UNAVAILABLE', /no mpicxx on the PATH/);
    expect(message).toMatch(/\nOn .*: .*(mpi|MPI)/);
    await expectError(() => buildMpi({ mpicxx: 'mpiicpx' }), 'ADDON_UNAVAILABLE', /no mpiicpx on the PATH/);
  });

  it('takes MPI’s wrapper, and places no addon that does not load', async () => {
    mkdirSync(path('package/source/native/mpi'), { recursive: true });
    [python(), make(), compiler('mpicxx')];
    program(
      'node-gyp',
      `#!/usr/bin/env node
      const fs = require('fs');
      if (process.argv[2] !== 'build') process.exit(0);
      fs.mkdirSync('build/Release', { recursive: true });
      const info = 'MPI by ' + process.env.CXX + ' in ' + process.cwd();
      fs.writeFileSync('build/Release/convforge_mpi.node', 'exports.info = () => ' + JSON.stringify(info));
      `,
    );
    // An addon that is plain JavaScript doesn't load.
    await expectError(
      () => buildMpi(),
      'ADDON_UNAVAILABLE',
      /convforge_mpi\.node was built, but can't be loaded/,
    );
    expect(existsSync(path('package/build'))).toBe(false);
    expect(await buildMpi({ check: true })).toMatch(/bin\/mpicxx, .*mpicxx 12\.2\.0/);
  });
});

describe.skipIf(process.platform === 'win32')('a compiler', () => {
  it('is the one that CXX names, with arguments', () => {
    compiler('ccache');
    const found = findCompiler({ PATH: path('bin'), CXX: 'ccache g++-12' });
    expect(found).toMatchObject({ command: ['ccache', 'g++-12'] });
  });

  it('that is too old is no compiler, and another is taken', () => {
    shell(
      'g++',
      'if [ "$1" = --version ]; then echo "g++ 10.2.1"; else echo "x: error: #error too old: it must be GCC 11 or later"; exit 1; fi',
    );
    expect(findCompiler({ PATH: path('bin') })).toEqual({
      reason: 'g++ (g++ 10.2.1) compiles no C++20: too old: it must be GCC 11 or later',
    });
    compiler('clang++');
    expect(findCompiler({ PATH: path('bin') })).toMatchObject({ command: ['clang++'] });
  });

  it.skipIf(onPath('g++', process.env) === undefined)('of this machine compiles C++20', () => {
    expect(findCompiler({ PATH: process.env.PATH })).toHaveProperty('title');
  });
});

describe('advice', () => {
  const missing = [
    { need: 'python', reason: '' },
    { need: 'make', reason: '' },
    { need: 'compiler', reason: '' },
  ] as const;

  it.each([
    ['debian', 'On Debian, Ubuntu: apt-get install -y python3 make g++'],
    ['alpine', 'On Alpine: apk add python3 make g++'],
    ['fedora', 'On Fedora, RHEL: dnf install -y python3 make gcc-c++'],
    ['darwin', 'On macOS: xcode-select --install'],
    ['win32', 'On Windows: winget install Python.Python.3.12 && winget install Microsoft.VisualStudio'],
  ])('for %s', (system, line) => {
    expect(describeMissing(missing, system).split('\n').at(-1)?.slice(0, line.length)).toBe(line);
  });

  it('for all, where the system is not known', () => {
    const lines = describeMissing(missing, 'plan9').split('\n');
    expect(lines.filter((line) => line.startsWith('On '))).toHaveLength(5);
  });
});
