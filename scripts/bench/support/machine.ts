import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { describeMachine } from '../../../lib/machine.js';
import { engineInfo } from '../../../lib/program/native-engine.js';

/** The machine and software of a measurement. */
export interface MachineFacts {
  /** Processor, threads and instruction set. */
  machine: string;
  /** Memory in GB. */
  memory: number;
  system: string;
  node: string;
  convforge: string;
  /** The commit of the sources; null outside of a repository. */
  commit: string | null;
  compiler: string;
  /** The load average of the last minute. Above 0.2, other processes were running. */
  load: number;
  date: string;
}

export function machineFacts(): MachineFacts {
  const info = engineInfo();
  return {
    machine: describeMachine(info),
    memory: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    convforge: info.version,
    commit: commit(),
    compiler: info.compiler,
    load: os.loadavg()[0],
    date: new Date().toISOString(),
  };
}

function commit(): string | null {
  try {
    const output = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: __dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.trim();
  } catch {
    return null;
  }
}
