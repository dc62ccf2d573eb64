// Builds the addon for this machine with node-gyp, also when a clone is installed, only what has changed since the last build. Also writes
// build/compile_commands.json, which editors use for C++. Shows the compiler's output if it fails. Usage:
// build-native.mjs [--debug]. --debug builds without optimization; that addon is loaded until the next build
// without --debug. Builds the addon over MPI, too, where mpicxx is on the PATH.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';

const debug = process.argv.includes('--debug') ? ['--debug'] : [];
const [kind, other] = debug.length > 0 ? ['Debug', 'Release'] : ['Release', 'Debug'];

/** Runs node-gyp. Returns whether it succeeded. */
function nodeGyp(args, env = process.env) {
  try {
    execFileSync('node-gyp', args, {
      stdio: 'pipe',
      shell: process.platform === 'win32',
      maxBuffer: Number.POSITIVE_INFINITY,
      env,
    });
    return true;
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}${error.message}\n`);
    return false;
  }
}

function mustRun(...args) {
  if (!nodeGyp(args)) process.exit(1);
}

/** Builds the addon over MPI. A clone works without it. */
function buildMpi() {
  const { CXX } = process.env;
  // What MPI's wrapper calls: Open MPI's, and MPICH's.
  const own = CXX === undefined ? {} : { OMPI_CXX: CXX, MPICH_CXX: CXX };
  const args = ['configure', 'build', '--directory', 'native/mpi', '--jobs', 'max'];
  if (!nodeGyp(args, { ...process.env, ...own, CXX: 'mpicxx' }))
    return console.error('The addon for MPI was not built; all else works without it.');
  mkdirSync('build/mpi', { recursive: true });
  copyFileSync('native/mpi/build/Release/convforge_mpi.node', 'build/mpi/convforge_mpi.node');
  console.log('build/mpi/convforge_mpi.node');
}

const start = performance.now();
const makefiles = process.platform === 'win32' ? 'msvs' : 'make';
mustRun('configure', ...debug, '--', '-f', makefiles, '-f', 'compile_commands_json');
renameSync(`build/${kind}/compile_commands.json`, 'build/compile_commands.json');
mustRun('build', ...debug, '--jobs', 'max');
// Removes the addon of the other kind, which would be loaded instead.
rmSync(`build/${other}/convforge.node`, { force: true });
console.log(`build/${kind}/convforge.node, in ${((performance.now() - start) / 1000).toFixed(1)} s`);
if (!spawnSync('mpicxx', ['--version']).error) buildMpi();
