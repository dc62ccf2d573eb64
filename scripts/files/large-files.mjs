// Writes and reads a file of 100 MB of each kind, in a process of its own. Prints how long that takes, how much memory
// at most, in sizes of the file beyond what the process had before, and how long the event loop was held.
// Fails if reading takes 1.5 s or 2.2 sizes, or if the loop is held for 50 ms. Linux alone.
// Usage: node scripts/files/large-files.mjs [KIND...]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { KINDS } from './large-kinds.mjs';

const [, script, ...given] = process.argv;

/** The most memory that the process had since it was reset, in bytes. */
const peak = () => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
const resetPeak = () => writeFileSync('/proc/self/clear_refs', '5');

function bytesIn(path) {
  const found = statSync(path);
  if (found.isFile()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

/** Measures writing or reading. A small file has made the process load all that is needed. */
async function measure(name, action, folder) {
  const { ending, make, write, read } = KINDS[name];
  const small = join(folder, `small${ending}`);
  await write(small, make(1e-4));
  await read(small);
  const large = join(folder, `large${ending}`);
  const subject = action === 'write' ? make(1) : undefined;
  // What a model draws or a file leaves behind doesn't count.
  await subject?.save?.(join(folder, 'before'));
  globalThis.gc();
  await sleep(100);
  resetPeak();
  const before = peak();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const from = performance.now();
  const result = await (subject === undefined ? read(large) : write(large, subject));
  const seconds = (performance.now() - from) / 1000;
  await sleep(20);
  delay.disable();
  const bytes = bytesIn(large);
  return { bytes, seconds, sizes: (peak() - before) / bytes, held: delay.max / 1e6, result: typeof result };
}

function run(name, action, folder) {
  const child = ['--expose-gc', script, '--measure', name, action, folder];
  return JSON.parse(execFileSync(process.execPath, child, { stdio: ['ignore', 'pipe', 'inherit'] }));
}

function row(name, action, { bytes, seconds, sizes, held }) {
  const isLarge = sizes > 2.2 && !KINDS[name].isSmall;
  const isSlow = action === 'read' && (seconds > 1.5 || isLarge);
  const result = isSlow || held > 50 ? 'BEYOND' : 'ok';
  const text = [`${(bytes / 1e6).toFixed(0)} MB`, `${seconds.toFixed(2)} s`, `${sizes.toFixed(2)} sizes`];
  const figures = [...text, `held ${held.toFixed(0)} ms`].map((each) => each.padStart(14)).join('');
  console.log(`${name.padEnd(22)}${action.padEnd(6)}${figures}  ${result}`);
  return result === 'ok';
}

function measureAll(names) {
  let isRight = true;
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'convforge-large-'));
    try {
      for (const action of ['write', 'read']) {
        const isOk = row(name, action, run(name, action, folder));
        // How fast others' files are made tells nothing.
        isRight &&= isOk || (action === 'write' && KINDS[name].isOthers === true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  process.exitCode = isRight ? 0 : 1;
}

if (given[0] === '--measure') console.log(JSON.stringify(await measure(...given.slice(1))));
else measureAll(given.length > 0 ? given : Object.keys(KINDS));
