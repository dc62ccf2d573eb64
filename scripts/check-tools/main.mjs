// Checks the package in test runners and bundlers, and prints two tables. It stages and packs the package, and
// installs the tarball and the tools (package.json) in a temporary folder. Exits with 1 if a result isn't as
// expected. Takes some minutes. --tarball takes a packed package instead; --keep keeps the folder.
// Usage: npm run check:tools [-- --only TEXT] [--tarball FILE] [--keep]
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLERS, checkBundler } from './bundlers.mjs';
import { Project } from './project.mjs';
import { checkRunner, RUNNERS } from './runners.mjs';

const root = resolve(import.meta.dirname, '..', '..');
const { values: options } = parseArgs({
  options: { only: { type: 'string', default: '' }, tarball: { type: 'string' }, keep: { type: 'boolean' } },
});

const folder = mkdtempSync(join(tmpdir(), 'convforge-tools-'));
try {
  const project = install(options.tarball ? resolve(options.tarball) : pack());
  const failures = [];
  check(RUNNERS, checkRunner, ['test runner', 'version', 'result']);
  check(BUNDLERS, checkBundler, ['bundler', 'version', 'as it is', 'moved away', 'convforge external']);
  for (const { name, details } of failures) console.log(`\n${name}:\n${details}`);
  if (failures.length > 0) process.exitCode = 1;

  /** Prints a row for each subject; `check` returns its cells, and details if one isn't as expected. */
  function check(subjects, checkOne, head) {
    const chosen = subjects.filter(({ name }) => name.includes(options.only));
    if (chosen.length === 0) return;
    console.log(`\n| ${head.join(' | ')} |\n|${head.map(() => '---|').join('')}`);
    for (const subject of chosen) {
      const { cells, details } = checkOne(project, subject);
      console.log(`| ${[subject.name, project.versionOf(subject.tool), ...cells].join(' | ')} |`);
      if (details) failures.push({ name: subject.name, details });
    }
  }
} finally {
  if (options.keep) console.log(folder);
  else rmSync(folder, { recursive: true, force: true });
}

/** Stages and packs the package with this machine's addon. Returns the tarball's path. */
function pack() {
  const staged = join(folder, 'package');
  const addon = join(root, 'build', 'Release', 'convforge.node');
  const run = { cwd: root, stdio: ['ignore', process.stderr, 'inherit'] };
  execFileSync('npm', ['run', '--silent', 'compile'], run);
  execFileSync(process.execPath, ['scripts/package/stage.mjs', '--out', staged, '--addon', addon], run);
  execFileSync('npm', ['pack', '--silent', staged, '--pack-destination', folder], run);
  const { version } = JSON.parse(readFileSync(join(staged, 'package.json'), 'utf8'));
  return join(folder, `convforge-${version}.tgz`);
}

/** Makes the project with the tools and the package. */
function install(tarball) {
  const path = join(folder, 'project');
  mkdirSync(path);
  cpSync(join(import.meta.dirname, 'project'), path, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'));
  const manifest = { private: true, dependencies: { ...dependencies, convforge: `file:${tarball}` } };
  writeFileSync(join(path, 'package.json'), JSON.stringify(manifest));
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags], { cwd: path, stdio: ['ignore', process.stderr, 'inherit'] });
  console.log(`Node ${process.versions.node}, ${process.platform}-${process.arch}`);
  return new Project(path, dependencies);
}
