// Builds the addon for this machine with node-gyp, also when a clone is installed, only what has changed since the last build. Also writes
// build/compile_commands.json, which editors use for C++. Shows the compiler's output if it fails. Usage:
// build-native.mjs [--debug]. --debug builds without optimization; that addon is loaded until the next build
// without --debug.
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';

const debug = process.argv.includes('--debug') ? ['--debug'] : [];
const [kind, other] = debug.length > 0 ? ['Debug', 'Release'] : ['Release', 'Debug'];

function nodeGyp(...args) {
  try {
    execFileSync('node-gyp', args, {
      stdio: 'pipe',
      shell: process.platform === 'win32',
      maxBuffer: Number.POSITIVE_INFINITY,
    });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}${error.message}\n`);
    process.exit(1);
  }
}

const start = performance.now();
const makefiles = process.platform === 'win32' ? 'msvs' : 'make';
nodeGyp('configure', ...debug, '--', '-f', makefiles, '-f', 'compile_commands_json');
renameSync(`build/${kind}/compile_commands.json`, 'build/compile_commands.json');
nodeGyp('build', ...debug, '--jobs', 'max');
// Removes the addon of the other kind, which would be loaded instead.
rmSync(`build/${other}/convforge.node`, { force: true });
console.log(`build/${kind}/convforge.node, in ${((performance.now() - start) / 1000).toFixed(1)} s`);
