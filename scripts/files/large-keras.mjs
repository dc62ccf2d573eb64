// Loads a .keras file of 100 MB, and says how long it takes, how much memory at most, in sizes of the file beyond what
// the process had before, and how long the event loop was held. Usage: node scripts/files/large-keras.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import tf from '../../dist/main.js';

const [, script, path] = process.argv;

async function write(file) {
  const sizes = [1024, 4096, 4096, 1024];
  const layers = sizes.slice(1).map((units, i) => tf.layers.dense({ units, inputShape: [sizes[i]] }));
  await tf.sequential({ layers }).save(file);
}

/** The most memory that the process had so far, in kB. */
const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);

async function measure(file) {
  // Loads h5wasm, too.
  await tf.loadModel(join(import.meta.dirname, '../../test/io/keras/cases/storage.keras'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = peak();
  delay.enable();
  const from = performance.now();
  const model = await tf.loadModel(file);
  const seconds = (performance.now() - from) / 1000;
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  const size = statSync(file).size;
  const sizes = ((peak() - before) * 1024) / size;
  console.log(
    `${(size / 1e6).toFixed(0)} MB, ${model.countParams()} weights: ${seconds.toFixed(2)} s, ${sizes.toFixed(2)} sizes, event loop held ${(delay.max / 1e6).toFixed(0)} ms at most`,
  );
}

if (path) await measure(path);
else {
  const folder = mkdtempSync(join(tmpdir(), 'convforge-large-'));
  const file = join(folder, 'large.keras');
  await write(file);
  execFileSync(process.execPath, [script, file], { stdio: 'inherit' });
  rmSync(folder, { recursive: true });
}
