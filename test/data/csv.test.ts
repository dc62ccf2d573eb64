import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CsvParser } from '../../lib/data/csv-parser.js';
import { data, layers, sequential } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convforge-csv-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function file(text: string): Promise<string> {
  const path = join(folder, `${files++}.csv`);
  await writeFile(path, text);
  return path;
}

async function read(text: string, options?: data.CsvOptions) {
  return data.csv(await file(text), options).toArray();
}

describe('the parser', () => {
  /** The fields of each record, from text in pieces of `size` characters. */
  function parse(text: string, size: number, delimiter = ',') {
    const parser = new CsvParser('file.csv', delimiter);
    const records = [];
    for (let i = 0; i < text.length; i += size) records.push(...parser.push(text.slice(i, i + size)));
    return [...records, ...parser.end()].map(({ line, fields }) => [line, ...fields]);
  }

  it.each([1, 2, 3, 1000])('reads quoted fields with quotes and line breaks, in chunks of %i', (size) => {
    const text = '\ufeffa,"b ""c"", d","e\r\nf"\r\n,"",\r\n\n"x"\ry,z\n';
    expect(parse(text, size)).toEqual([
      [1, 'a', 'b "c", d', 'e\r\nf'],
      [3, '', '', ''],
      [5, 'x'],
      [6, 'y', 'z'],
    ]);
    expect(parse('a;"b;"\nc,d;', size, ';')).toEqual([
      [1, 'a', 'b;'],
      [2, 'c,d', ''],
    ]);
  });

  it('refuses quotes that RFC 4180 does not allow', async () => {
    await expectError(
      () => parse('a\nb,"c', 5),
      'CORRUPT_FILE',
      /file\.csv, line 2: a quote is never closed/,
    );
    await expectError(() => parse('a"b"', 5), 'CORRUPT_FILE', /line 1: a quote is inside a field/);
    await expectError(
      () => parse('\n"a"b', 5),
      'CORRUPT_FILE',
      /line 2: a closing quote is followed by text/,
    );
    await expectError(() => parse(`"${'a'.repeat(2 ** 24)}`, 2 ** 20), 'TOO_LARGE', /a quote may be open/);
  });
});

describe('data.csv', () => {
  it('names values by the header, and parses numbers', async () => {
    const rows = await read('size,name,empty\n1.5e1,"a, b",\n-2,7x, \n');
    expect(rows).toEqual([
      { size: 15, name: 'a, b', empty: undefined },
      { size: -2, name: '7x', empty: ' ' },
    ]);
  });

  it('yields {xs, ys} if columns are labels', async () => {
    const columnConfigs = { price: { isLabel: true } };
    expect(await read('area,price\n50,1\n70,2\n', { columnConfigs })).toEqual([
      { xs: { area: 50 }, ys: { price: 1 } },
      { xs: { area: 70 }, ys: { price: 2 } },
    ]);
  });

  it('parses columns by columnConfigs', async () => {
    const columnConfigs = {
      id: { dtype: 'string' },
      n: { dtype: 'int32', default: -1 },
      f: { dtype: 'float32' },
      b: { dtype: 'bool' },
    } as const;
    expect(await read('id,n,f,b\n007,-2.9,1,TRUE\n8,,2,0\n', { columnConfigs })).toEqual([
      { id: '007', n: -2, f: 1, b: 1 },
      { id: '8', n: -1, f: 2, b: 0 },
    ]);
  });

  it('takes columnNames, a delimiter, and a subset of columns', async () => {
    const columnNames = ['a', 'b'];
    const none = { hasHeader: false, columnNames, delimiter: '\t' };
    expect(await read('1\t2\n3\t4', none)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    expect(await read('x,y\n1,2', { columnNames })).toEqual([{ a: 1, b: 2 }]);
    const some = { columnConfigs: { y: {} }, configuredColumnsOnly: true };
    expect(await read('x,y\n1,2', some)).toEqual([{ y: 2 }]);
    const dataset = data.csv(`file://${await file('x,y\n1,2')}`, some);
    expect(await dataset.columnNames()).toEqual(['y']);
  });

  it('treats a column named __proto__ like any other', async () => {
    const [row] = await read('__proto__,a\n1,2');
    expect(Object.entries(row)).toEqual([
      ['__proto__', 1],
      ['a', 2],
    ]);
  });

  it('names the line and column of an invalid cell', async () => {
    await expectError(
      () => read('a,b\n1,2\n3\n'),
      'CORRUPT_FILE',
      /line 3: it has 1 fields, but there are 2/,
    );
    await expectError(
      () => read('a,b\n1,x', { columnConfigs: { b: { dtype: 'float32' } } }),
      'CORRUPT_FILE',
      /line 2, column 'b': 'x' is not a number/,
    );
    await expectError(
      () => read('a,b\n1,maybe', { columnConfigs: { b: { dtype: 'bool' } } }),
      'CORRUPT_FILE',
      /'maybe' is neither true nor false/,
    );
    for (const config of [{ required: true }, { isLabel: true }]) {
      const columnConfigs = { b: config };
      await expectError(
        () => read('a,b\n1,', { columnConfigs }),
        'CORRUPT_FILE',
        /it is empty, and required/,
      );
    }
    await expectError(() => read('a,a\n1,2'), 'CORRUPT_FILE', /two columns are named 'a'/);
    const columnConfigs = { prise: {} };
    await expectError(() => read('price\n1', { columnConfigs }), 'UNKNOWN_OPTION', /did you mean 'price'/);
    await expectError(() => read('a\n1', { columnNames: ['a', 'b'] }), 'CORRUPT_FILE', /1 fields/);
    const empty = data.csv(await file(''));
    await expectError(() => empty.columnNames(), 'CORRUPT_FILE', /the file is empty/);
    await expectError(() => data.csv(join(folder, 'no.csv')).toArray(), 'IO_ERROR', /Can't read .*no\.csv/);
  });

  it('refuses invalid options', async () => {
    const make = (options: object, source: unknown = 'a.csv') => {
      return () => data.csv(source as string, options);
    };
    await expectError(make({ header: true }), 'UNKNOWN_OPTION', /data\.csv: there is no option 'header'/);
    await expectError(make({ hasHeader: false }), 'INVALID_ARGUMENT', /columnNames must name/);
    await expectError(make({ columnNames: 'a' }), 'INVALID_ARGUMENT', /columnNames is 'a'/);
    await expectError(make({ delimiter: '::' }), 'INVALID_ARGUMENT', /delimiter is '::'/);
    await expectError(make({ columnConfigs: 3 }), 'INVALID_ARGUMENT', /columnConfigs is 3/);
    const label = { columnConfigs: { a: { label: true } } };
    await expectError(make(label), 'UNKNOWN_OPTION', /column 'a': there is no option 'label'.*'isLabel'/);
    const dtype = { columnConfigs: { a: { dtype: 'int' } } };
    await expectError(make(dtype), 'INVALID_ARGUMENT', /column 'a': dtype is 'int'; it can be float32/);
    await expectError(make({}, 5), 'INVALID_ARGUMENT', /5 is not a path/);
    await expectError(make({}, 'https://a.org/b.csv'), 'UNSUPPORTED', /give the path of a file/);
  });

  it('feeds fitDataset as in TF.js scripts', async () => {
    const path = await file(
      `x1,x2,y\n${Array.from({ length: 8 }, (_, i) => `${i},${-i},${3 * i}`).join('\n')}`,
    );
    const dataset = data
      .csv<data.LabelledCsvElement>(path, { columnConfigs: { y: { isLabel: true } } })
      .map(({ xs, ys }) => ({ xs: Object.values(xs), ys: Object.values(ys) }))
      .batch(4);
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], useBias: false })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const { history } = await model.fitDataset(dataset, { epochs: 20, verbose: 0 });
    expect(history.loss[19]).toBeLessThan(1e-3);
  });
});
