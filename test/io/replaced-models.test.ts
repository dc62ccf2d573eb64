import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { layers, loadLayersModel, type Sequential, sequential } from '../../lib/index.js';
import { temporaryPath } from '../../lib/io/temporaries.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { weightsName } from '../support/weights-file.js';

// A model that is saved over another one replaces it as a whole.

const pathOf = temporaryFolder();

/** A model of `units` units, whose weights are all `value`. */
function filled(units: number, value: number): Sequential {
  const kernelInitializer = { className: 'Constant', config: { value } };
  const dense = layers.dense({ units, inputShape: [3], kernelInitializer, useBias: false });
  return sequential({ name: `net${units}`, layers: [dense] });
}

it('leaves only the new model, and what is not of the old one', async () => {
  const folder = pathOf('m');
  await filled(2, 1).save(folder);
  const old = weightsName(folder);
  writeFileSync(join(folder, 'weights.0123456789abcdef.bin'), 'not named by the old model');
  writeFileSync(join(folder, 'notes.txt'), '');
  await filled(3, 2).save(folder);
  expect(weightsName(folder)).not.toBe(old);
  expect(readdirSync(folder).sort()).toEqual(
    ['model.json', 'notes.txt', 'weights.0123456789abcdef.bin', weightsName(folder)].sort(),
  );
  // The same weights again have the same name, and stay.
  await filled(3, 2).save(folder);
  expect((await loadLayersModel(folder)).name).toBe('net3');
});

it("replaces TF.js's weights.bin, but no file of another name", async () => {
  for (const [name, stays] of [
    ['weights.bin', false],
    ['group1-shard1of1.bin', true],
    ['../weights.bin', true],
  ] as const) {
    const folder = pathOf(`${stays}/${name.length}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), '');
    writeFileSync(
      join(folder, 'model.json'),
      JSON.stringify({ weightsManifest: [{ paths: [name], weights: [] }] }),
    );
    await filled(2, 1).save(folder);
    expect(spawnSync('test', ['-e', join(folder, name)]).status === 0, name).toBe(stays);
  }
});

it('is never mixed with the old one: many saves at once, while others load', async () => {
  const folder = pathOf('m');
  await filled(1, 1).save(folder);
  let saving = true;
  const load = async () => {
    let loads = 0;
    for (; saving; loads++) {
      const model = await loadLayersModel(folder);
      const [kernel] = model.getWeights();
      const [, units] = kernel.shape;
      expect([...kernel.dataSync()]).toEqual(new Array(3 * units).fill(units));
      model.dispose();
    }
    return loads;
  };
  const loading = [load(), load()];
  for (let round = 0; round < 30; round++)
    await Promise.all([1, 2, 3].map((units) => filled(units, units).save(folder)));
  saving = false;
  for (const loads of await Promise.all(loading)) expect(loads).toBeGreaterThan(5);
  expect(readdirSync(folder).sort()).toEqual(['model.json', weightsName(folder)]);
});

it.skipIf(process.platform === 'win32')('stays whole if there is no room for the new one', async () => {
  const folder = pathOf('m');
  await filled(2, 1).save(folder);
  const before = readdirSync(folder);
  // Files of this process may have 30 kB; `size` units need more than that for weights, or for model.json.
  const save = (code: string) =>
    spawnSync('bash', ['-c', 'trap "" XFSZ; ulimit -f 30; exec "$0" -e "$1"', process.execPath, code], {
      encoding: 'utf8',
    });
  const made = (units: number, model: string) => `
    const { layers, sequential } = require(${JSON.stringify(process.cwd())});
    const model = sequential({ layers: [layers.dense({ units: ${units}, inputShape: [3] })] });
    ${model}
    model.save(${JSON.stringify(folder)}).catch(({ code, message }) => console.log(code, message));`;
  const weights = save(made(10_000, ''));
  expect(weights.stdout, weights.stderr).toMatch(/^IO_ERROR Can't write .*model\.json: EFBIG/);
  const json = save(made(2, 'model.setUserDefinedMetadata({ notes: "x".repeat(50_000) });'));
  expect(json.stdout, json.stderr).toMatch(/^IO_ERROR Can't write .*model\.json: EFBIG/);
  expect(readdirSync(folder)).toEqual(before);
  expect((await loadLayersModel(folder)).name).toBe('net2');
});

it.skipIf(process.platform !== 'linux')(
  'removes what killed writers left, and nothing of those that live',
  async () => {
    const folder = pathOf('m');
    await filled(2, 1).save(folder);
    const gone = spawnSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' });
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      const named = (pid: number | string, name: string) =>
        temporaryPath(join(folder, name)).replace(`-${process.pid}-`, `-${pid}-`);
      const startOf = (pid: number) => {
        const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
      };
      const withStart = (path: string, start: string) => path.replace(/-\d+-([0-9a-f]{12})/, `-${start}-$1`);
      const orphan = 'weights.00000000000000aa.bin';
      const awaited = 'weights.00000000000000bb.bin';
      const naming = (file: string) => JSON.stringify({ weightsManifest: [{ paths: [file] }] });
      const pid = other.pid as number;
      const old = withStart(temporaryPath(join(folder, 'model.json')), startOf(process.pid));
      const otherMachine = temporaryPath(join(folder, 'model.json')).replace(
        /json\.[0-9a-f]{8}/,
        'json.00000000',
      );
      const files: [path: string, text: string, stays: boolean][] = [
        [named(gone.stdout.trim(), 'weights.bin'), 'torn', false],
        [named(gone.stdout.trim(), 'model.json'), naming(orphan), false],
        [join(folder, orphan), 'placed by the one that is gone', false],
        [withStart(named(pid, 'model.json'), startOf(pid)), naming(awaited), true],
        [join(folder, awaited), 'placed by the one that lives', true],
        // The number of a process that lives, but started at another time.
        [withStart(named(pid, 'model.json'), '7'), '{"torn', false],
        [withStart(named(process.pid, 'weights.bin'), '7'), '', false],
        [temporaryPath(join(folder, 'model.json')), '{', true],
        [otherMachine, '{', true],
        [temporaryPath(join(folder, 'report.html')).replace(`-${process.pid}-`, '-7-'), '', true],
        [old, '{', false],
      ];
      for (const [path, text] of files) writeFileSync(path, text);
      utimesSync(old, 0, 0);
      await filled(3, 2).save(folder);
      const left = readdirSync(folder).map((name) => join(folder, name));
      for (const [path, , stays] of files) expect(left.includes(path), path).toBe(stays);
      expect(left).toHaveLength(2 + files.filter(([, , stays]) => stays).length);
    } finally {
      other.kill('SIGKILL');
    }
  },
);

it('says which file is missing, if it is not just being replaced', async () => {
  const folder = pathOf('m');
  await filled(2, 1).save(folder);
  const json = readFileSync(join(folder, 'model.json'), 'utf8');
  await filled(3, 2).save(folder);
  writeFileSync(join(folder, 'model.json'), json);
  // Nobody replaces model.json any more, so what it names is missing.
  await expectError(() => loadLayersModel(folder), 'IO_ERROR', /weights\.[0-9a-f]{16}\.bin/);
});

it('is loaded anew if its weights go while they are opened', async () => {
  const folder = pathOf('m');
  await filled(1000, 1).save(folder);
  const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  // So many files take a reader so long that the new model's save overtakes it.
  const paths = Array.from({ length: 3000 }, (_, i) => `weights.${i.toString(16).padStart(16, '0')}.bin`);
  const bytes = readFileSync(join(folder, weightsName(folder)));
  for (const [i, path] of paths.entries())
    writeFileSync(join(folder, path), bytes.subarray(i * 4, i * 4 + 4));
  json.weightsManifest = [{ paths, weights: json.weightsManifest[0].weights }];
  writeFileSync(join(folder, 'model.json'), JSON.stringify(json));
  const loading = loadLayersModel(folder);
  await filled(2, 2).save(folder);
  expect((await loading).name).toMatch(/^net(2|1000)$/);
});
