// Inspects the addons in prebuilds/ and runs each where this machine can run it. Prints one table. Every run must give
// the same bits. Usage: npm run prebuild:verify [-- --only <target>...] [--rounds N] [--suite]. --rounds: training
// steps of each stress test, by default 10,000, or 200 where the processor is emulated. --suite: also the whole test suite,
// on the addon for this machine.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inspect } from './inspect.mjs';
import { missingFor, runnersOf } from './runners.mjs';
import { stagedPackage } from './staged.mjs';
import { chosenTargets, prebuildPath } from './targets.mjs';
import { ROOT, WORK } from './tools.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    suite: { type: 'boolean', default: false },
  },
});

/** Runs the smoke test. Returns a cell of the table. */
function run(runner, folder) {
  const lacks = missingFor(runner);
  if (lacks) return { ok: false, text: `${runner.name}: not run, ${lacks}` };
  const resultFile = join(WORK, 'result.json');
  rmSync(resultFile, { force: true });
  const [program, ...first] = runner.command();
  const rounds = values.rounds ?? (runner.emulated ? '200' : '10000');
  const smoke = join(ROOT, 'scripts', 'prebuild', 'smoke.cjs');
  // Node under wine can't write to a pipe.
  const logFile = join(WORK, 'log.txt');
  const log = openSync(logFile, 'w');
  const { status, signal } = spawnSync(program, [...first, smoke, folder, resultFile, rounds], {
    env: { ...process.env, ...runner.env },
    stdio: ['ignore', log, log],
    timeout: 1_800_000,
  });
  closeSync(log);
  if (!existsSync(resultFile)) {
    const end = signal ?? `exit code ${status}`;
    return {
      ok: false,
      text: `${runner.name}: ${end} ${readFileSync(logFile, 'utf8').trim().split('\n').at(-1)}`,
    };
  }
  const { checks, engine, hash } = JSON.parse(readFileSync(resultFile, 'utf8'));
  const failed = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name} (${detail})`);
  const passed = `${checks.length - failed.length} of ${checks.length} checks`;
  const text = `${runner.name}: ${engine.isa}, ${passed}, ${hash}${failed.map((name) => `; failed: ${name}`).join('')}`;
  return { ok: failed.length === 0 && status === 0, text, hash };
}

function verify(target, folder) {
  const file = join(ROOT, 'prebuilds', prebuildPath(target));
  if (!existsSync(file)) return { name: target.name, problems: [], lines: ['not built'], hashes: [] };
  const { floor, exports, problems } = inspect(file, target);
  const size = `${(statSync(file).size / 2 ** 20).toFixed(2)} MiB`;
  const runs = runnersOf(target).map((runner) => run(runner, folder));
  return {
    name: target.name,
    problems: [...problems, ...runs.filter(({ ok }) => !ok).map(({ text }) => text)],
    lines: [
      `${size}; ${floor}; ${exports} exports`,
      ...(runs.length ? runs.map(({ text }) => text) : ['only inspected']),
    ],
    hashes: runs.flatMap(({ hash }) => hash ?? []),
  };
}

const folder = stagedPackage();
const rows = [];
for (const target of chosenTargets(values.only)) {
  const row = verify(target, folder);
  rows.push(row);
  for (const [i, line] of row.lines.entries()) console.log(`${(i === 0 ? row.name : '').padEnd(18)}${line}`);
}
const hashes = new Set(rows.flatMap((row) => row.hashes));
const problems = rows.flatMap(({ name, problems }) => problems.map((problem) => `${name}: ${problem}`));
if (hashes.size > 1) problems.push(`results differ: ${[...hashes].join(', ')}`);
if (values.suite) {
  const { status } = spawnSync('npx', ['vitest', 'run'], {
    cwd: ROOT,
    stdio: 'inherit',
    // node-gyp-build then leaves out build/.
    env: { ...process.env, PREBUILDS_ONLY: '1' },
  });
  if (status !== 0) problems.push('the test suite fails on the prebuilt addon');
}
for (const problem of problems) console.log(`problem: ${problem}`);
const ran = rows.reduce((count, row) => count + row.hashes.length, 0);
console.log(`${rows.length} targets, ${ran} runs, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
