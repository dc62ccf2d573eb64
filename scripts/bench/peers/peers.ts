import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { NPM_PEERS } from './npm-peers.js';
import { checkPytorch, MissingPeer, type Peer, PEERS_FOLDER, PYTHON, ROOT, UNSET } from './peer.js';
import { SELF } from './report.js';

function openmp(threads: number): Record<string, string> {
  return { OMP_NUM_THREADS: String(threads), OMP_WAIT_POLICY: 'active' };
}

const convforge: Peer = {
  name: SELF,
  work: ['lenet', 'kernels'],
  threaded: true,
  slow: false,
  command: (work, threads, data) => ({
    file: process.execPath,
    args: ['--import', 'tsx', path.join(__dirname, 'convforge.ts'), work, data],
    env: { CONVFORGE_THREADS: String(threads) },
  }),
};

const onednn: Peer = {
  name: 'oneDNN',
  work: ['lenet', 'kernels'],
  threaded: true,
  slow: false,
  command: (work, threads, data) => ({
    file: compileOnednn(),
    args: [work, data],
    env: openmp(threads),
  }),
};

/** Compiles onednn/ if it has changed since the last compilation. Returns the program. */
function compileOnednn(): string {
  const sources = path.join(__dirname, 'onednn');
  const program = path.join(ROOT, 'build-peers', 'onednn');
  const files = readdirSync(sources).map((name) => path.join(sources, name));
  if (existsSync(program) && files.every((file) => statSync(file).mtimeMs < statSync(program).mtimeMs))
    return program;
  if (!existsSync('/usr/include/oneapi/dnnl/dnnl.hpp')) throw new MissingPeer('apt-get install libdnnl-dev');
  mkdirSync(path.dirname(program), { recursive: true });
  const code = files.filter((file) => file.endsWith('.cpp'));
  const options = ['-std=c++20', '-O3', '-march=native', '-fopenmp', '-fno-math-errno'];
  execFileSync('g++', [...options, ...code, '-ldnnl', '-o', program], { stdio: 'inherit' });
  return program;
}

const pytorch: Peer = {
  name: 'PyTorch',
  work: ['lenet'],
  threaded: true,
  slow: false,
  command: (_, threads, data) => {
    checkPytorch('');
    const blas = openblasOnOpenmp();
    return {
      file: PYTHON,
      args: [path.join(__dirname, 'pytorch.py'), data],
      env: {
        ...UNSET,
        ...openmp(threads),
        OPENBLAS_NUM_THREADS: String(threads),
        // By default, glibc returns large freed tensors to the system, and zeroes them when they are
        // allocated again.
        MALLOC_MMAP_MAX_: '0',
        MALLOC_TRIM_THRESHOLD_: String(2 ** 30),
        MALLOC_TOP_PAD_: String(2 ** 26),
        ...(blas && { LD_LIBRARY_PATH: blas, BENCH_BLAS: "OpenBLAS on PyTorch's own OpenMP threads" }),
      },
    };
  },
};

/**
 * The folder of Debian's libopenblas0-openmp, installed or unpacked in the peers' folder. Without it, two
 * thread pools compete.
 */
function openblasOnOpenmp(): string | undefined {
  const folder = 'usr/lib/x86_64-linux-gnu/openblas-openmp';
  return [path.join('/', folder), path.join(PEERS_FOLDER, folder)].find((place) => existsSync(place));
}

export const PEERS: readonly Peer[] = [convforge, onednn, pytorch, ...NPM_PEERS];
