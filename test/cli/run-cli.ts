import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

const MAIN = path.join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

/**
 * Runs the built command line with these arguments to its end. `onOutput` gets the output so far; `main` is the
 * command's file, if it isn't this package's.
 */
export function runCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  onOutput: (out: string, child: ChildProcess) => void = () => {},
  main = MAIN,
): Promise<Outcome> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
    onOutput(out, child);
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
