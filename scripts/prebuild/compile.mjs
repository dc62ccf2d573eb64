#!/usr/bin/env node
// Compiles the addon of one target with CMake. prebuildify runs it in place of node-gyp, in the target's folder, and
// takes build/Release/convforge.node from there. Environment: CONVFORGE_PREBUILD, the target's name.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { chosenTargets, isHost } from './targets.mjs';
import { ROOT, zig } from './tools.mjs';

const [target] = chosenTargets([process.env.CONVFORGE_PREBUILD]);
const headers = createRequire(import.meta.url)('node-api-headers');
const folder = join(process.cwd(), 'cmake');
const cross = !isHost(target);
const env = { ...process.env };
if (cross && target.zig) {
  env.CONVFORGE_ZIG = zig();
  env.CONVFORGE_ZIG_TARGET = target.zig;
}

function run(program, args) {
  try {
    execFileSync(program, args, { env, stdio: 'pipe', maxBuffer: Number.POSITIVE_INFINITY });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}${error.message}\n`);
    process.exit(1);
  }
}

/** Makes the library by which the addon finds node.exe's functions, and returns its path. */
function importLibrary() {
  const path = join(process.cwd(), 'libnode.a');
  const definitions = join(process.cwd(), 'node.def');
  const names = [
    ...new Set([...headers.symbols.v8.js_native_api_symbols, ...headers.symbols.v8.node_api_symbols]),
  ];
  writeFileSync(definitions, `LIBRARY node.exe\nEXPORTS\n${names.join('\n')}\n`);
  const [program, ...first] =
    cross && target.zig
      ? [env.CONVFORGE_ZIG, 'dlltool', '-m', 'arm64']
      : [process.platform === 'win32' ? 'dlltool' : 'x86_64-w64-mingw32-dlltool'];
  run(program, [...first, '-d', definitions, '-l', path, '-D', 'node.exe']);
  return path;
}

const options = {
  CMAKE_BUILD_TYPE: 'Release',
  CMAKE_JS_INC: headers.include_dir,
  CONVFORGE_OPENMP: 'OFF',
  CONVFORGE_TESTS: 'OFF',
  // Few large units: headers are parsed a few times only.
  CONVFORGE_UNIT_FILES: '40',
};
if (cross) {
  options.CMAKE_TOOLCHAIN_FILE = join(ROOT, 'scripts', 'prebuild', 'toolchains', target.toolchain);
  options.CMAKE_SHARED_LINKER_FLAGS = '-s';
}
if (target.platform === 'darwin' && !cross) {
  options.CMAKE_OSX_ARCHITECTURES = target.arch === 'x64' ? 'x86_64' : 'arm64';
  options.CMAKE_OSX_DEPLOYMENT_TARGET = '11.0';
}
if (target.libc === 'glibc' && !(cross && target.zig)) options.CONVFORGE_OLD_GLIBC = 'ON';
mkdirSync(folder, { recursive: true });
if (target.platform === 'win32') options.CMAKE_JS_LIB = importLibrary();
if (env.CONVFORGE_COMPILER_LAUNCHER) options.CMAKE_CXX_COMPILER_LAUNCHER = env.CONVFORGE_COMPILER_LAUNCHER;

const generator = process.platform === 'win32' ? ['-G', 'MinGW Makefiles'] : [];
const settings = Object.entries(options).map(([name, value]) => `-D${name}=${value}`);
run('cmake', ['-S', ROOT, '-B', folder, ...generator, ...settings]);
run('cmake', ['--build', folder, '--target', 'convforge', '--parallel', String(availableParallelism())]);
mkdirSync(join('build', 'Release'), { recursive: true });
copyFileSync(join(folder, 'convforge.node'), join('build', 'Release', 'convforge.node'));
