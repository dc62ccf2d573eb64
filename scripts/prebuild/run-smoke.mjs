// Runs smoke.cjs, the test of a prebuilt addon, in some program.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, WORK } from './tools.mjs';

/**
 * Runs the smoke test. Returns what went wrong (`problems`), and if the test got to its end the engine (`engine`), how
 * many checks passed (`counts`) and the hash of weights and predictions (`hash`).
 *
 * @param {string[]} command the program and its first arguments
 * @param {string} folder the package
 * @param {{ env?: Record<string, string>, rounds?: string }} options `rounds`: training steps of each stress test
 */
export function runSmoke([program, ...first], folder, { env = {}, rounds = '0' } = {}) {
  const resultFile = join(WORK, 'result.json');
  rmSync(resultFile, { force: true });
  // Output goes to a file, since Node under wine can't write to a pipe.
  const logFile = join(WORK, 'log.txt');
  const log = openSync(logFile, 'w');
  const smoke = join(ROOT, 'scripts', 'prebuild', 'smoke.cjs');
  const { status, signal } = spawnSync(program, [...first, smoke, folder, resultFile, rounds], {
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
    timeout: 1_800_000,
  });
  closeSync(log);
  const problems = [];
  if (status !== 0 || !existsSync(resultFile)) {
    const last = readFileSync(logFile, 'utf8').trim().split('\n').at(-1);
    problems.push(`ended with ${signal ?? status}: ${last}`);
  }
  if (!existsSync(resultFile)) return { problems };
  const { checks, engine, hash } = JSON.parse(readFileSync(resultFile, 'utf8'));
  const failed = checks.filter(({ ok }) => !ok);
  problems.push(...failed.map(({ name, detail }) => `${name} (${detail})`));
  return { problems, engine, hash, counts: `${checks.length - failed.length} of ${checks.length}` };
}
