/**
 * Loads each model that real_models.py has written, and compares predictions with what others computed: `npx tsx
 * scripts/files/check-real-models.ts FOLDER [NAME...]`. Prints a table: the largest difference as a share of the
 * output's range, which may be 1e-4, the milliseconds of loading, and what three steps of training did to the
 * loss. Fails if one differs, or loads where it must be refused.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '../../lib/index.js';

const MAX_DIFFERENCE = 1e-4;

interface Stored {
  name: string;
  shape: number[];
  file: string;
}

interface Case {
  model: string;
  /** A word of the error that loading must give. */
  refused?: string;
  inputs: Stored[];
  outputs: Stored[];
  oracle: string;
}

interface Row {
  model: string;
  oracle: string;
  difference: string;
  'load, ms': string;
  loss: string;
  result: 'right' | 'WRONG' | 'FAILED';
}

function readTensor(folder: string, { shape, file }: Stored): tf.Tensor {
  const bytes = readFileSync(join(folder, file));
  return tf.tensor(
    new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
    shape,
  );
}

/** The largest difference, as a share of the range of `right`. */
function differenceOf(own: tf.Tensor, right: tf.Tensor): number {
  if (own.size !== right.size) throw new Error(`the output is [${own.shape}], not [${right.shape}]`);
  const [a, b] = [own.dataSync(), right.dataSync()];
  let [low, high, largest] = [Infinity, -Infinity, 0];
  for (let i = 0; i < b.length; i++) {
    low = Math.min(low, b[i]);
    high = Math.max(high, b[i]);
    largest = Math.max(largest, Number.isFinite(a[i]) ? Math.abs(a[i] - b[i]) : Infinity);
  }
  return largest / (high - low || Math.abs(high) || 1);
}

/** The losses before and after three steps towards zero outputs. */
async function train(model: tf.LayersModel, inputs: tf.Tensor[], outputs: tf.Tensor[]): Promise<string> {
  const only = (list: tf.Tensor[]) => (list.length === 1 ? list[0] : list);
  const targets = outputs.map(({ shape }) => tf.zeros(shape));
  model.compile({ optimizer: tf.train.sgd(1e-4), loss: 'meanSquaredError' });
  const options = { epochs: 3, batchSize: 2, shuffle: false, verbose: 0 } as const;
  const { history } = await model.fit(only(inputs), only(targets), options);
  const losses = history.loss as number[];
  if (!losses.every(Number.isFinite)) throw new Error(`losses ${losses}`);
  return `${losses[0].toPrecision(3)} to ${losses[2].toPrecision(3)}`;
}

async function check(folder: string, name: string): Promise<Row> {
  const described = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
  const row: Row = {
    model: name,
    oracle: described.oracle ?? 'refused',
    difference: '',
    'load, ms': '',
    loss: '',
    result: 'right',
  };
  const start = performance.now();
  const model = await tf.loadModel(join(folder, described.model));
  if (described.refused) throw new Error('it must be refused');
  row['load, ms'] = (performance.now() - start).toFixed(0);
  const inputs = described.inputs.map((stored) => readTensor(folder, stored));
  const right = described.outputs.map((stored) => readTensor(folder, stored));
  const given = [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat() as tf.Tensor[];
  const difference = Math.max(...right.map((each, i) => differenceOf(given[i], each)));
  row.difference = difference.toExponential(1);
  if (!(difference <= MAX_DIFFERENCE)) row.result = 'WRONG';
  row.loss = await train(model as tf.LayersModel, inputs, right).catch(
    (error) => `none: ${(error as Error).message}`,
  );
  return row;
}

async function checkOrTell(folder: string, name: string): Promise<Row> {
  try {
    return await check(folder, name);
  } catch (error) {
    const { refused } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
    const { message } = error as Error;
    const isRight = refused !== undefined && message.includes(refused);
    console.log(`${name}: ${message}`);
    return {
      model: name,
      oracle: refused ? 'refused' : '',
      difference: '',
      'load, ms': '',
      loss: '',
      result: isRight ? 'right' : 'FAILED',
    };
  }
}

async function main(): Promise<void> {
  const [root, ...names] = process.argv.slice(2);
  const all = readdirSync(root).filter((name) => existsSync(join(root, name, 'case.json')));
  const rows: Row[] = [];
  for (const name of names.length > 0 ? names : all.sort())
    rows.push(await checkOrTell(join(root, name), name));
  console.table(rows);
  const wrong = rows.filter(({ result }) => result !== 'right').length;
  console.log(`${rows.length - wrong} right, ${wrong} wrong`);
  process.exitCode = wrong > 0 ? 1 : 0;
}

main();
