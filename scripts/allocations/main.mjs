/**
 * Fails each n-th allocation of the addon in a program that trains and predicts: `node scripts/allocations/main.mjs
 * [--every N] [--first N]`. With `--every` N, one of N, from the first on. Each must reject with a code and leave an
 * engine that works. Prints how many were tried, and what was told. Linux alone, with a C compiler.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { include_dir as nodeHeaders } from 'node-api-headers';

const here = dirname(fileURLToPath(import.meta.url));
const packageFolder = join(here, '..', '..');
const LIMIT_MS = 120_000;

const { values } = parseArgs({
  options: { every: { type: 'string', default: '1' }, first: { type: 'string', default: '1' } },
});
const every = Number(values.every);

function compile(folder) {
  const flags = ['-O1', '-g', '-shared', '-fPIC'];
  execFileSync('cc', [...flags, '-o', join(folder, 'fail.so'), join(here, 'fail.c'), '-ldl']);
  execFileSync('cc', [...flags, `-I${nodeHeaders}`, '-o', join(folder, 'arm.node'), join(here, 'arm.c')]);
}

/** Runs the program, with one allocation that fails. */
function run(folder, nth) {
  const env = {
    ...process.env,
    LD_PRELOAD: join(folder, 'fail.so'),
    FAIL_NTH: String(nth),
    CONVFORGE_THREADS: '2',
  };
  const child = spawn(process.execPath, [join(here, 'program.cjs'), folder, packageFolder], {
    env,
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'convforge-allocations-'));
  try {
    compile(folder);
    const whole = await run(folder, -1);
    const total = Number(/(\d+) allocations/.exec(whole.err)?.[1]);
    if (whole.code !== 0 || whole.out !== '[]' || !(total > 100)) {
      throw new Error(`the program fails without a failing allocation: ${JSON.stringify(whole)}`);
    }
    const told = new Map();
    const wrong = [];
    let tried = 0;
    for (let nth = Number(values.first); nth <= total; nth += every) {
      const { code, signal, out, err } = await run(folder, nth);
      tried++;
      if (code !== 0) {
        wrong.push(nth);
        console.log(`allocation ${nth}: exit ${code}, signal ${signal}\n${out}\n${err.slice(0, 2000)}`);
        continue;
      }
      for (const failure of JSON.parse(out)) told.set(failure, (told.get(failure) ?? 0) + 1);
    }
    for (const [failure, times] of [...told].sort()) console.log(`${String(times).padStart(6)}  ${failure}`);
    console.log(`${tried} of ${total} allocations failed in turn, ${wrong.length} of them wrongly: ${wrong}`);
    if (wrong.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main();
