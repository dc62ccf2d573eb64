// The staged package with its dependencies, as a user's program finds it.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, WORK } from './tools.mjs';

/** Stages the package, in which no addon is found but the prebuilt ones. Returns its folder. */
export function stagedPackage() {
  const folder = join(WORK, 'package');
  execFileSync(process.execPath, [join(ROOT, 'scripts', 'package', 'stage.mjs'), '--out', folder], {
    stdio: 'ignore',
  });
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of dependenciesOf(Object.keys(dependencies))) {
    cpSync(join(ROOT, 'node_modules', name), join(modules, name), { recursive: true });
  }
  return folder;
}

/** Names of packages and all that they depend on. */
function dependenciesOf(names, found = new Set()) {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const manifest = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
    dependenciesOf(Object.keys(manifest.dependencies ?? {}), found);
  }
  return found;
}
