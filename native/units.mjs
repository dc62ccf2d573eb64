// Groups C++ sources into units that are compiled at once, so that headers are parsed a few times only: each unit is a
// file that includes its sources. Prints the units' paths, relative to the project, for binding.gyp.
// Usage: units.mjs <source>...
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sources of a unit at most. With 20 the first build takes 6 s longer, and one after a file's change 2 s less. */
const MOST = 40;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'build', 'units');

/** A target's code lies in a region of its instruction set, which ends with the file. */
const standsAlone = (source) => source.startsWith('native/targets/');

const sources = process.argv.slice(2);
const units = sources.filter(standsAlone);
const others = sources.filter((source) => !standsAlone(source));
const count = Math.ceil(others.length / MOST);
mkdirSync(folder, { recursive: true });
for (let i = 0; i < count; i++) {
  const from = Math.round((i * others.length) / count);
  const to = Math.round(((i + 1) * others.length) / count);
  const path = join(folder, `unit-${i + 1}.cpp`);
  writeIfNew(
    path,
    others
      .slice(from, to)
      .map((source) => `#include "${relative('native', source)}"\n`)
      .join(''),
  );
  units.push(`build/units/unit-${i + 1}.cpp`);
}
console.log(units.join('\n'));

/** A file that is the same stays as old as it is, so that nothing is compiled again. */
function writeIfNew(path, text) {
  try {
    if (readFileSync(path, 'utf8') === text) return;
  } catch {}
  writeFileSync(path, text);
}
