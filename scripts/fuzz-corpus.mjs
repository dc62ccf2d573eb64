// The corpus of the native fuzzer: native/test/fuzz/corpus.txt has an input a line, in hexadecimal; libFuzzer takes a
// folder with a file for each. Usage: fuzz-corpus.mjs unpack <folder>, to add the kept inputs to a folder, or
// fuzz-corpus.mjs pack <folder>, to keep those of a folder instead, shortest first.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'native/test/fuzz/corpus.txt';
const [action, folder] = process.argv.slice(2);
if (action === 'unpack') {
  mkdirSync(folder, { recursive: true });
  const inputs = readFileSync(FILE, 'utf8').trim().split('\n');
  for (const [i, input] of inputs.entries())
    writeFileSync(join(folder, `kept-${i}`), Buffer.from(input, 'hex'));
} else if (action === 'pack') {
  const inputs = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('hex'));
  inputs.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  writeFileSync(FILE, `${[...new Set(inputs)].filter(Boolean).join('\n')}\n`);
} else {
  console.error('usage: fuzz-corpus.mjs unpack|pack <folder>');
  process.exitCode = 2;
}
