import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { compare } from '../compare/compare.js';
import { comparePage } from '../compare/page.js';
import { reportText } from '../compare/text.js';
import { writeAtomically } from '../io/write-files.js';
import { write } from '../report/index.js';
import { type OptionNames, readOptions, wholeNumber } from './arguments.js';

export const COMPARE_HELP = `Usage: convforge compare [options]

Measures how much faster native code trains and runs a LeNet than JavaScript, on this machine. All libraries that are
installed in this folder take part: TF.js (cpu, wasm, node), ConvNetJS, onnxruntime-node, and PyTorch of python3.
convforge computes with each instruction set, on one thread and on all, and with its reference engine in TypeScript.
Before any timing, all must give the same outputs and losses from the same weights and images.

  --quick            within two minutes, instead of ten
  --json [file]      the results as JSON, to a file or instead of the tables
  --out <file>       the page with charts (default: ./convforge-out/compare.html)
  --seed <n>         draws weights and images (default: 1)
  --help             this text

To compare with TF.js:
  npm install @tensorflow/tfjs @tensorflow/tfjs-backend-wasm
  npx convforge compare --quick

Nothing else should run meanwhile. Ratios are within one run: compare them, rather than speeds of two runs.
`;

const NAMES: OptionNames = { quick: 'flag', json: 'value', out: 'value', seed: 'value', help: 'flag' };

/** `convforge compare`. Throws UsageError; ADDON_UNAVAILABLE; IO_ERROR. */
export async function compareCommand(args: readonly string[]): Promise<void> {
  const given = readOptions(withJsonFile(args), NAMES);
  if (given.help !== undefined) {
    process.stdout.write(COMPARE_HELP);
    return;
  }
  const out = given.out ?? path.join('convforge-out', 'compare.html');
  const report = await untilInterrupted((signal) =>
    compare({
      isQuick: given.quick !== undefined,
      seed: given.seed === undefined ? 1 : wholeNumber('seed', given.seed, 0, Number.MAX_SAFE_INTEGER),
      command: ['convforge', 'compare', ...args].join(' '),
      cwd: process.cwd(),
      log: (line) => process.stderr.write(`${line}\n`),
      signal,
    }),
  );
  const json = JSON.stringify(report, null, 2);
  await write(out, await comparePage(report));
  if (given.json !== undefined && given.json !== '-')
    await writeAtomically(given.json, (temporary) => writeFile(temporary, json));
  process.stdout.write(given.json === '-' ? `${json}\n` : `${reportText(report)}\n`);
  process.stderr.write(`\nwrote ${out}\n`);
}

/** --json alone means standard output. */
function withJsonFile(args: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    const next = args[i + 1];
    return arg === '--json' && (next === undefined || next.startsWith('--')) ? ['--json', '-'] : [arg];
  });
}

/** Ctrl-C and SIGTERM end the measurement, which stops its processes; a second one ends this process at once. */
async function untilInterrupted<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    return await run(controller.signal);
  } finally {
    for (const signal of signals) process.removeListener(signal, interrupt);
  }
}
