import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { NETWORK_PEERS } from './networks/peers.js';
import { NPM_PEERS } from './npm-peers.js';
import {
  MissingPeer,
  ONEDNN_3,
  type Peer,
  PEERS_FOLDER,
  pytorchPython,
  ROOT,
  SELF,
  setupCommand,
  UNSET,
} from './peer.js';

function openmp(threads: number): Record<string, string> {
  return { OMP_NUM_THREADS: String(threads), OMP_WAIT_POLICY: 'active' };
}

const convforge: Peer = {
  name: SELF,
  work: ['lenet', 'kernels', 'networks'],
  threaded: true,
  slow: false,
  command: (work, threads, data) => ({
    file: process.execPath,
    args: [
      '--import',
      'tsx',
      ...(work === 'networks'
        ? ['--expose-gc', path.join(__dirname, 'networks', 'convforge.ts'), data]
        : [path.join(__dirname, 'convforge.ts'), work, data]),
    ],
    env: { CONVFORGE_THREADS: String(threads) },
  }),
};

interface OnednnBuild {
  version: 2 | 3;
  /** A file without which it isn't installed, and the command that installs it. */
  needs: string;
  command: string;
  /** Further options for the compiler. */
  options: readonly string[];
  /** The folder of the library; the system's if undefined. */
  library?: string;
}

function onednn(build: OnednnBuild): Peer {
  return {
    name: `oneDNN ${build.version}`,
    work: ['lenet', 'kernels'],
    threaded: true,
    slow: false,
    command: (work, threads, data) => ({
      file: compileOnednn(build),
      args: [work, data],
      env: {
        ...openmp(threads),
        ...(isHeldToAvx2 && { ONEDNN_MAX_CPU_ISA: 'AVX2', DNNL_MAX_CPU_ISA: 'AVX2' }),
        ...(build.library && { LD_LIBRARY_PATH: build.library }),
      },
    }),
  };
}

/** Both sides are, where convforge is. */
export const isHeldToAvx2 = process.env.CONVFORGE_ISA === 'avx2';

/** Compiles onednn/ if it has changed since the last compilation. Returns the program. */
function compileOnednn({ version, needs, command, options }: OnednnBuild): string {
  if (!existsSync(needs)) throw new MissingPeer(command);
  const sources = path.join(__dirname, 'onednn');
  const program = path.join(ROOT, 'build-peers', `onednn-${version}${isHeldToAvx2 ? '-avx2' : ''}`);
  const files = readdirSync(sources).map((name) => path.join(sources, name));
  if (existsSync(program) && files.every((file) => statSync(file).mtimeMs < statSync(program).mtimeMs))
    return program;
  mkdirSync(path.dirname(program), { recursive: true });
  const code = files.filter((file) => file.endsWith('.cpp'));
  const processor = `-march=${isHeldToAvx2 ? 'x86-64-v3' : 'native'}`;
  const speed = ['-std=c++20', '-O3', processor, '-fopenmp', '-fno-math-errno'];
  execFileSync('g++', [...speed, ...code, ...options, '-o', program], { stdio: 'inherit' });
  return program;
}

const onednn2 = onednn({
  version: 2,
  needs: '/usr/include/oneapi/dnnl/dnnl.hpp',
  command: 'apt-get install libdnnl-dev',
  options: ['-ldnnl'],
});

const onednn3 = onednn({
  version: 3,
  needs: path.join(ONEDNN_3, 'lib', 'libdnnl.so.3'),
  command: setupCommand('onednn-3'),
  options: [`-I${path.join(ONEDNN_3, 'include')}`, `-L${path.join(ONEDNN_3, 'lib')}`, '-l:libdnnl.so.3'],
  library: path.join(ONEDNN_3, 'lib'),
});

const pytorch: Peer = {
  name: 'PyTorch',
  work: ['lenet'],
  threaded: true,
  slow: false,
  command: (_, threads, data) => {
    const python = pytorchPython();
    return {
      file: python.file,
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
        ...(python.isOwn ? { BENCH_BLAS: "the wheel's BLAS" } : debianBlas()),
      },
    };
  },
};

function debianBlas(): Record<string, string> | undefined {
  const blas = openblasOnOpenmp();
  return blas ? { LD_LIBRARY_PATH: blas, BENCH_BLAS: "OpenBLAS on PyTorch's own OpenMP threads" } : undefined;
}

/**
 * The folder of Debian's libopenblas0-openmp, installed or unpacked in the peers' folder. Without it, two
 * thread pools compete.
 */
function openblasOnOpenmp(): string | undefined {
  const folder = 'usr/lib/x86_64-linux-gnu/openblas-openmp';
  return [path.join('/', folder), path.join(PEERS_FOLDER, folder)].find((place) => existsSync(place));
}

export const PEERS: readonly Peer[] = [convforge, onednn2, onednn3, pytorch, ...NPM_PEERS, ...NETWORK_PEERS];
