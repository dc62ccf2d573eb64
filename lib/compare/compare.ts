import os from 'node:os';
import { engineInfo } from '../program/native-engine.js';
import { VERSION } from '../version.js';
import { LOSS_TOLERANCE, OUTPUT_TOLERANCE, CHECKED_OUTPUTS, CHECKED_STEPS } from './agreement.js';
import { findContestants } from './contestants.js';
import { FULL, QUICK } from './effort.js';
import { KERNELS, LENET } from './network.js';
import type { CompareReport } from './result.js';
import { runComparison } from './run.js';

export interface CompareOptions {
  isQuick: boolean;
  seed: number;
  /** The command line, for the report. */
  command: string;
  /** The folder in which other libraries are looked for. */
  cwd: string;
  log: (line: string) => void;
  signal?: AbortSignal;
}

/** Compares convforge with whatever is installed. Rejects with ADDON_UNAVAILABLE; ABORTED. */
export async function compare({
  isQuick,
  seed,
  command,
  cwd,
  log,
  signal,
}: CompareOptions): Promise<CompareReport> {
  const started = performance.now();
  const date = new Date().toISOString();
  const { supported, threads } = engineInfo();
  const load = os.loadavg()[0];
  const { contestants, missing } = findContestants({
    cwd,
    isas: supported,
    threads: [...new Set([1, threads])],
  });
  const settings = { network: LENET, kernels: KERNELS, contestants, seed, log, signal };
  const { peak, agreed, ...measured } = await runComparison({ ...settings, effort: isQuick ? QUICK : FULL });
  return {
    ...{ convforge: VERSION, date, command, seed, isQuick },
    seconds: Math.round((performance.now() - started) / 1000),
    machine: {
      processor: os.cpus()[0]?.model.trim() || os.arch(),
      threads,
      isas: supported,
      memory: Math.round(os.totalmem() / 2 ** 30),
      system: `${os.type()} ${os.release()} ${os.arch()}`,
      node: process.versions.node,
      peak,
      load,
    },
    checks: {
      outputs: CHECKED_OUTPUTS,
      losses: CHECKED_STEPS,
      outputTolerance: OUTPUT_TOLERANCE,
      lossTolerance: LOSS_TOLERANCE,
      agreed,
    },
    ...{ ...measured, missing },
  };
}
