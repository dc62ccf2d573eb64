import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { onPath } from '../../lib/cli/toolchain/find.js';

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
  seconds: number;
}

/** Whether mpirun is there. Tests that need it are skipped elsewhere. */
export const HAS_MPI = onPath('mpirun', process.env) !== undefined;

/** Open MPI refuses root, and more ranks than processors, unless it is told not to. */
function flags(): string[] {
  const { stdout } = spawnSync('mpirun', ['--version'], { encoding: 'utf8' });
  if (!stdout.includes('Open MPI')) return [];
  const asRoot = process.getuid?.() === 0 ? ['--allow-run-as-root'] : [];
  return [...asRoot, '--bind-to', 'none', '--oversubscribe'];
}

/** Runs a program on so many ranks to its end. `onOutput` gets the output so far, and mpirun. */
export function runRanks(
  ranks: number,
  [script, ...args]: readonly string[],
  env: NodeJS.ProcessEnv = {},
  onOutput: (out: string, child: ChildProcess) => void = () => {},
): Promise<Outcome> {
  const start = performance.now();
  const child = spawn('mpirun', [...flags(), '-np', String(ranks), process.execPath, script, ...args], {
    env: { ...process.env, CONVFORGE_THREADS: '1', NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
    onOutput(out, child);
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, out, err, seconds: (performance.now() - start) / 1000 }));
  });
}
