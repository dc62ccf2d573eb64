// Exchanges models with Keras: writes models of all kinds as .keras and .weights.h5, has Keras 3 load them, compare
// predictions and further steps, train and save them, and loads what Keras saved. Does the same with .h5 and tf-keras.
// Makes a Python environment, unless one is given.
// Usage: node scripts/files/exchange-keras.mjs [--python PATH] [--keep FOLDER]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import tf from '../../dist/main.js';
import { MODELS } from './keras-models.mjs';

const STEPS = 3;
const { values: options } = parseArgs({ options: { python: { type: 'string' }, keep: { type: 'string' } } });
const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'convforge-keras-'));
mkdirSync(folder, { recursive: true });

function pythonWithKeras() {
  const environment = join(folder, 'venv');
  execFileSync('python3', ['-m', 'venv', environment]);
  execFileSync(
    join(environment, 'bin/pip'),
    ['install', '-q', 'keras==3.15.1', 'tf-keras', 'tensorflow-cpu==2.21.0'],
    { stdio: 'inherit' },
  );
  return join(environment, 'bin/python');
}

const stored = (value) => [value].flat().map((each) => ({ shape: each.shape, values: [...each.dataSync()] }));
const given = (list) => {
  const tensors = list.map(({ shape, values }) => tf.tensor(values, shape));
  return tensors.length === 1 ? tensors[0] : tensors;
};

async function steps(model, x, y) {
  const scores = [];
  for (let i = 0; i < STEPS; i++) scores.push([await model.trainOnBatch(x, y)].flat());
  return scores;
}

async function write(name, make) {
  const { model, x, y } = make();
  if (y) await steps(model, x, y);
  await model.save(join(folder, `${name}.keras`));
  await model.saveWeights(join(folder, `${name}.weights.h5`));
  const problem = await writeHdf5(model, name);
  if (problem) console.log(`not written as .h5: ${problem}`);
  const answers = { inputs: stored(x), outputs: stored(model.predict(x)) };
  if (y)
    Object.assign(answers, {
      targets: stored(y),
      scores: await steps(model, x, y),
      after: stored(model.predict(x)),
    });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(answers));
}

/** Returns why Keras 2 can't have the model, if so. */
async function writeHdf5(model, name) {
  try {
    await model.save(join(folder, `${name}.h5`), { includeOptimizer: model.isCompiled });
  } catch (error) {
    if (error.code !== 'UNSUPPORTED') throw error;
    return error.message;
  }
}

function difference(wanted, values) {
  const most = Math.max(1, ...wanted.map(Math.abs));
  return Math.max(...wanted.map((value, i) => Math.abs(value - values[i]))) / most;
}

/** What Keras saved after it trained on. */
async function compareBack(name, ending) {
  const answers = JSON.parse(readFileSync(join(folder, `${name}.back.json`), 'utf8'));
  const model = await tf.loadModel(join(folder, `${name}.back.${ending}`));
  const outputs = stored(model.predict(given(answers.inputs)));
  const differences = answers.outputs.map(({ values }, i) => difference(values, outputs[i].values));
  if (answers.losses) {
    const scores = await steps(model, given(answers.inputs), given(answers.targets));
    differences.push(
      difference(
        answers.losses,
        scores.map(([loss]) => loss),
      ),
    );
  }
  return Math.max(...differences);
}

for (const [name, make] of Object.entries(MODELS)) await write(name, make);
const script = join(import.meta.dirname, 'exchange-keras.py');
const python = options.python ?? pythonWithKeras();
const environment = { ...process.env, KERAS_BACKEND: 'tensorflow', TF_CPP_MIN_LOG_LEVEL: '3' };
let failed = 0;
for (const [library, ending] of [
  ['keras', 'keras'],
  ['tf_keras', 'h5'],
]) {
  console.log(`${library}, .${ending}:`);
  const { status } = spawnSync(python, [script, folder, library], { stdio: 'inherit', env: environment });
  if (status !== 0) failed++;
  for (const file of readdirSync(folder).filter((each) => each.endsWith(`.back.${ending}`))) {
    const name = file.slice(0, -`.back.${ending}`.length);
    const most = await compareBack(name, ending);
    if (!(most < 1e-4)) failed++;
    console.log(`${most < 1e-4 ? 'ok  ' : 'FAIL'} back ${name}: ${most.toPrecision(2)}`);
  }
}
if (!options.keep) rmSync(folder, { recursive: true });
process.exitCode = failed > 0 ? 1 : 0;
