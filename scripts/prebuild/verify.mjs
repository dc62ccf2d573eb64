// Inspects the addons in prebuilds/ and runs each where this machine can run it. Prints one table. Every run must give
// the same bits. Usage: npm run prebuild:verify [-- --only <target>...] [--rounds N] [--suite]. --rounds: training
// steps of each stress test, by default 10,000, or 200 where the processor is emulated. --suite: also the whole test suite,
// on the addon for this machine.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inspect } from './inspect.mjs';
import { runSmoke } from './run-smoke.mjs';
import { missingFor, runnersOf } from './runners.mjs';
import { stagedPackage } from './staged.mjs';
import { chosenTargets, prebuildPath } from './targets.mjs';
import { ROOT } from './tools.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    suite: { type: 'boolean', default: false },
  },
});

/** Runs the smoke test. Returns a line of the table. */
function run(runner, folder) {
  const lacks = missingFor(runner);
  if (lacks) return { ok: false, text: `${runner.name}: not run, ${lacks}` };
  const rounds = values.rounds ?? (runner.emulated ? '200' : '10000');
  const { problems, engine, counts, hash } = runSmoke(runner.command(), folder, { env: runner.env, rounds });
  const cells = engine ? [`${engine.isa}, ${counts} checks, ${hash}`] : [];
  return { ok: problems.length === 0, text: `${runner.name}: ${[...cells, ...problems].join('; ')}`, hash };
}

function verify(target, folder) {
  const file = join(ROOT, 'prebuilds', prebuildPath(target));
  if (!existsSync(file))
    return { name: target.name, problems: ['not built'], lines: ['not built'], hashes: [] };
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
