// One seed, one result: trains LeNet, and a network with batch normalization, dropout and augmentation, for two epochs
// on Fashion-MNIST, with 1, 2, 3 and 5 threads on each instruction set of this machine. All must end with the hashes of
// golden.json. Prints a line for each run. Options:
//   --images N      the first N images of the training set; golden.json has hashes for 256, 2048 and 60000
//   --threads N,...  default 1,2,3,5
//   --only TEXT     the instruction sets whose name has the text
//   --arm           runs the prebuilt addon of linux-arm64, its NEON kernels too, under qemu instead
//   --skip-missing  ends well where Fashion-MNIST can't be had
//   --write         keeps the hashes as the new ones
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { missingFor, runnersOf } from '../prebuild/runners.mjs';
import { stagedPackage } from '../prebuild/staged.mjs';
import { chosenTargets } from '../prebuild/targets.mjs';
import { ROOT } from '../prebuild/tools.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const GOLDEN = join(HERE, 'golden.json');
const WORK = join(ROOT, 'build-seeds');
const NETWORKS = ['lenet', 'augmented'];

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '256' },
    threads: { type: 'string', default: '1,2,3,5' },
    only: { type: 'string', default: '' },
    arm: { type: 'boolean', default: false },
    'skip-missing': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const tf = createRequire(import.meta.url)(join(ROOT, 'dist', 'main.js'));
const golden = JSON.parse(readFileSync(GOLDEN, 'utf8'));
const dataFile = join(WORK, 'data.bin');
const found = new Map(NETWORKS.map((name) => [name, new Set()]));

if (await writeData()) {
  for (const way of values.arm ? emulated() : native()) run(way);
  conclude();
}

/** Writes the images and their labels, so that no run has to unpack them. Returns false if they can't be had. */
async function writeData() {
  mkdirSync(WORK, { recursive: true });
  try {
    const { train } = await tf.datasets.fashionMnist();
    const count = Number(values.images);
    const [images, labels] = [train.images.slice(0, count), train.labels.slice(0, count)];
    writeFileSync(dataFile, Buffer.concat([images.dataSync(), Uint8Array.from(labels.dataSync())]));
    return true;
  } catch (error) {
    if (error.code !== 'DATASET_NOT_FOUND' || !values['skip-missing']) throw error;
    console.log(`not run: ${error.message}`);
    return false;
  }
}

/** Each instruction set of this machine. */
function native() {
  return tf
    .engineInfo()
    .supported.filter((isa) => isa.includes(values.only))
    .map((isa) => ({
      name: isa,
      isa,
      command: [process.execPath],
      folder: ROOT,
    }));
}

/** NEON and scalar kernels of linux-arm64. */
function emulated() {
  const [target] = chosenTargets(['linux-arm64']);
  const [runner] = runnersOf(target);
  const lacks = runner ? missingFor(runner) : 'linux-arm64 runs under qemu on Linux on x64 only';
  if (lacks) throw new Error(lacks);
  const command = runner.command();
  const folder = stagedPackage();
  return [{ name: 'neon, qemu', isa: 'neon', command, folder }];
}

function run({ name, isa, command: [program, ...first], folder }) {
  const resultFile = join(WORK, 'result.json');
  const { status, signal } = spawnSync(
    program,
    [
      ...first,
      join(HERE, 'train.cjs'),
      folder,
      dataFile,
      resultFile,
      values.images,
      values.threads,
      ...NETWORKS,
    ],
    { env: { ...process.env, CONVFORGE_ISA: isa }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (status !== 0) throw new Error(`${name}: training ended with ${signal ?? status}`);
  const result = JSON.parse(readFileSync(resultFile, 'utf8'));
  if (result.isa !== isa) throw new Error(`${name}: it ran on ${result.isa}`);
  for (const { name: network, threads, hash, loss } of result.runs) {
    found.get(network).add(hash);
    const losses = loss.map((each) => each.toFixed(4)).join(' ');
    console.log(`${network.padEnd(10)} ${name.padEnd(10)} ${threads} threads  ${hash}  losses ${losses}`);
  }
}

/** Compares what was found with what is kept, and keeps it if that is wanted. */
function conclude() {
  const problems = [];
  const changed = [];
  const told = linesOfChange();
  for (const [network, hashes] of found) {
    const kept = golden[network]?.[values.images];
    if (hashes.size !== 1)
      problems.push(`${network}: the runs have different results: ${[...hashes].join(', ')}`);
    if (hashes.has(kept?.hash)) continue;
    changed.push(network);
    console.log(
      `${network}, ${values.images} images: ${kept?.hash ?? 'nothing'} became ${[...hashes].join(', ')}`,
    );
    if (kept !== undefined && told <= kept.told) {
      problems.push(
        `${network}: results have changed. If that is meant, add a line that begins with "Results change" to ` +
          'CHANGELOG.md, under Unreleased, which says for which models; then keep the new hashes by --write.',
      );
    }
  }
  if (changed.length > 0 && !values.write)
    problems.push('golden.json has other hashes; --write keeps these.');
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else if (changed.length === 0) console.log('all results are the kept ones');
  else keep(changed, told);
}

/** The number of lines of CHANGELOG.md that tell of results that change. It only grows. */
function linesOfChange() {
  return readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').match(/^- Results change/gm)?.length ?? 0;
}

/** Keeps the new hashes, each with the number of changes that were told by then. */
function keep(networks, told) {
  for (const network of networks) {
    const [hash] = found.get(network);
    golden[network] = { ...golden[network], [values.images]: { hash, told } };
  }
  writeFileSync(GOLDEN, `${JSON.stringify(golden, null, 2)}\n`);
}
