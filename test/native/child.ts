import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { expect } from 'vitest';
import { type Convforge, tools, type Tools } from './tools.js';

/**
 * What runs in a child process or a worker, on the built package. It crosses as text, so it refers to nothing but its
 * arguments.
 */
export type Body = (convforge: Convforge, tools: Tools) => unknown;

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

export interface ChildOptions {
  env?: NodeJS.ProcessEnv;
  /** Of node. */
  flags?: readonly string[];
  /** The most virtual memory that the process may have, in KiB. Not on Windows. */
  addressSpace?: number;
  /** Gets the output so far. */
  onOutput?: (out: string, child: ChildProcess) => void;
}

const ROOT = path.join(__dirname, '..', '..');

/**
 * Whether the addon is one with AddressSanitizer (scripts/sanitized-tests.sh). That keeps freed memory for a while, so
 * the size of the process says nothing.
 */
export const SANITIZED = process.env.ASAN_OPTIONS !== undefined;

/** A process that hangs is killed and fails its test with this signal. */
const LIMIT_MS = SANITIZED ? 240_000 : 45_000;

/** A program that runs `body`, for a file or for `node -e`. */
export function scriptOf(body: Body): string {
  const makeTools = `(${tools})(require, ${JSON.stringify(ROOT)}, ${JSON.stringify(String(tools))})`;
  return `const tools = ${makeTools}; (${body})(tools.convforge, tools);`;
}

/** Runs `body` in a plain Node process to its end. */
export function runChild(
  body: Body,
  { env = {}, flags = [], addressSpace, onOutput }: ChildOptions = {},
): Promise<Outcome> {
  const node = [process.execPath, ...flags, '-e', scriptOf(body)];
  const limited = ['bash', '-c', `ulimit -v ${addressSpace}; exec "$@"`, 'bash', ...node];
  const [command, ...rest] = addressSpace === undefined ? node : limited;
  const child = spawn(command, rest, {
    env: { ...process.env, ...env },
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
    onOutput?.(out, child);
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}

/** The JSON that `body` prints; it must end well and print nothing else. */
export async function resultOf(body: Body, options?: ChildOptions): Promise<unknown> {
  const { code, signal, out, err } = await runChild(body, options);
  expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' });
  return JSON.parse(out);
}
