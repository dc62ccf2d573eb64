import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CsvParser } from '../../lib/data/csv-parser.js';
import { data, layers, sequential } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

// Made by scripts/golden/make-csv.py: what Python's csv module and pandas 3.1 read from these texts.
const python = JSON.parse(readFileSync(path.join(__dirname, 'fixtures', 'csv.json'), 'utf8')) as {
  records: { text: string; records: string[][] }[];
  table: { text: string; values: number[][] };
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'convforge-csv-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function open(text: string, options?: data.CsvOptions) {
  const file = path.join(folder, `${files++}.csv`);
  await writeFile(file, text);
  return data.csv<data.LabelledCsvElement>(file, options);
}

const LABEL = { columnConfigs: { y: { isLabel: true } } };

function rowOf({ xs, ys }: data.LabelledCsvRow) {
  return [...xs.dataSync(), '|', ys];
}

describe('the parser, beside Python', () => {
  it.each([1, 3, 7, 64, 1e6])("reads the records of Python's csv module, in pieces of %i", (size) => {
    for (const { text, records } of python.records) {
      const parser = new CsvParser('file.csv', ',');
      const read = [];
      for (let i = 0; i < text.length; i += size) read.push(...parser.push(text.slice(i, i + size)));
      read.push(...parser.end());
      expect(read.map(({ fields }) => [...fields])).toEqual(records);
    }
  });

  it.each([1, 5, 1e6])('counts lines, plain and quoted, in pieces of %i', (size) => {
    const text = 'a\n\n"b\r\nb",c\r\nd\re\n"f\rf\n"\ng\r\n\r\nh';
    const parser = new CsvParser('file.csv', ',');
    const read = [];
    for (let i = 0; i < text.length; i += size) read.push(...parser.push(text.slice(i, i + size)));
    read.push(...parser.end());
    expect(read.map(({ line, fields }) => `${line}${fields[0][0]}`)).toEqual([
      '1a',
      '3b',
      '5d',
      '6e',
      '7f',
      '10g',
      '12h',
    ]);
  });
});

describe('tensors of data.csv', () => {
  it('reads the numbers of pandas, to the last bit', async () => {
    const rows = await (await open(python.table.text)).tensors().toArray();
    const values = rows.map(({ xs }) => [...xs.dataSync()]);
    expect(values).toEqual(python.table.values.map((row) => [...Float32Array.from(row)]));
  });

  it('gives labels as numbers, and several as a tensor', async () => {
    const text = 'a,y,b\n1,0,2\n"3",1,-4.25\n';
    expect((await (await open(text, LABEL)).tensors().toArray()).map(rowOf)).toEqual([
      [1, 2, '|', 0],
      [3, -4.25, '|', 1],
    ]);
    const two = { columnConfigs: { y: { isLabel: true }, b: { isLabel: true } } };
    const [row] = await (await open(text, two)).tensors().batch(2).toArray();
    expect([row.xs.shape, row.ys.shape]).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect([...row.ys.dataSync()]).toEqual([0, 2, 1, -4.25]);
    const [unlabelled] = await (await open(text)).tensors().toArray();
    expect(Object.keys(unlabelled)).toEqual(['xs']);
  });

  it('keeps the order of columns whose names are numbers', async () => {
    const rows = await (await open('2,y,1\n20,0,10', LABEL)).tensors().toArray();
    expect(rows.map(rowOf)).toEqual([[20, 10, '|', 0]]);
  });

  it('gives rows a shape and a type', async () => {
    const rows = (await open('y,a,b,c,d\n7,0,255,3,4\n', LABEL)).tensors({
      shape: [2, 2, 1],
      dtype: 'uint8',
    });
    const [{ xs, ys }] = await rows.toArray();
    expect([xs.shape, xs.dtype, [...xs.dataSync()], ys]).toEqual([[2, 2, 1], 'uint8', [0, 255, 3, 4], 7]);
  });

  it('follows columnConfigs', async () => {
    const columnConfigs = {
      a: { default: -1 },
      b: { dtype: 'bool' },
      c: { dtype: 'int32' },
      d: {},
    } as const;
    const some = { columnConfigs, configuredColumnsOnly: true, delimiter: ';' };
    const rows = await (await open('a;b;c;text;d\n;true;-2.9;x;1e2\n2;0;3;"y;";4', some)).tensors().toArray();
    expect(rows.map(({ xs }) => [...xs.dataSync()])).toEqual([
      [-1, 1, -2, 100],
      [2, 0, 3, 4],
    ]);
  });

  it('names the line and column of what is no number', async () => {
    const read = (text: string, options?: data.CsvTensorOptions) => async () =>
      (await open(text, LABEL)).tensors(options).toArray();
    const fails = (run: () => Promise<unknown>, message: RegExp) => expectError(run, 'CORRUPT_FILE', message);
    await fails(read('a,y\n1,0\n,1'), /line 3, column 'a': it is empty; give the column a default/);
    await fails(read('a,y\n1,0\n2,'), /line 3, column 'y': it is empty, and required/);
    await fails(read('a,y\n1,0\nx,1'), /line 3, column 'a': 'x' is not a number/);
    await fails(read('a,y\n1,0\n1'), /line 3: it has 1 fields, but there are 2 columns/);
    await fails(read('a,y\n1,0,5'), /line 2: it has 3 fields, but there are 2 columns/);
    await fails(read('a,y\n256,0', { dtype: 'uint8' }), /'a': 256 is not a whole number from 0 to 255/);
    await fails(read('a,y\n1.5,0', { dtype: 'int32' }), /'a': 1\.5 is not a whole number of 32 bits/);
    await expectError(
      read('a,y\n1,0', { shape: [2] }),
      'SHAPE_MISMATCH',
      /shape \[2\] has 2 elements, .* 1 /,
    );
    await expectError(read('a,y\n1,0', { shape: 2 as never }), 'INVALID_ARGUMENT', /shape is 2/);
    await expectError(read('a,y\n1,0', { dtype: 'bool' as never }), 'INVALID_ARGUMENT', /dtype is 'bool'/);
    await expectError(read('a,y\n1,0', { size: 1 } as never), 'UNKNOWN_OPTION', /'size'/);
  });

  it('feeds fitDataset', async () => {
    const lines = Array.from({ length: 16 }, (_, i) => `${i / 8},${-i / 8},${(3 * i) / 8}`);
    const rows = (await open(`a,b,y\n${lines.join('\n')}`, LABEL)).tensors();
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], useBias: false })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { history } = await model.fitDataset(rows.batch(4), { epochs: 30, verbose: 0 });
    expect(history.loss[29]).toBeLessThan(0.01);
  });
});
