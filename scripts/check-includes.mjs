// Checks that native files include each other in one direction: rooms in the order of scripts/rooms.json, and
// no cycles.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const { native: rooms } = JSON.parse(readFileSync(new URL('rooms.json', import.meta.url), 'utf8'));

const ROOT = 'native';

const files = rooms.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true })
    .map((name) => `${room}/${name}`)
    .filter((name) => /\.(h|cpp|inc)$/.test(name)),
);

const includes = new Map(
  files.map((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [file, [...text.matchAll(/^#include "(.+)"/gm)].map(([, path]) => path)];
  }),
);

const problems = [];
for (const [file, paths] of includes) {
  for (const path of paths) {
    if (!includes.has(path))
      problems.push(`${file} includes ${path}, which isn't in a room of scripts/rooms.json`);
    else if (orderOf(path) > orderOf(file))
      problems.push(`${file} includes ${path}, which lies in a room above it`);
  }
}
for (const file of files) {
  const cycle = findCycle(file, [file]);
  if (cycle) problems.push(`${cycle.join(' -> ')} is a cycle`);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${files.length} native files include each other in one direction`);

function orderOf(file) {
  return rooms.indexOf(file.split('/')[0]);
}

/** A path of includes from a file back to itself, if there is one. */
function findCycle(start, path, seen = new Set()) {
  for (const next of includes.get(path.at(-1)) ?? []) {
    if (next === start) return [...path, next];
    if (seen.has(next)) continue;
    seen.add(next);
    const cycle = findCycle(start, [...path, next], seen);
    if (cycle) return cycle;
  }
  return undefined;
}
