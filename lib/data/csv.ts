import { createReadStream } from 'node:fs';
import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import { withPauses } from './yield-to-event-loop.js';
import {
  checkColumnConfigs,
  checkCount,
  chooseColumns,
  type ColumnConfig,
  type CsvColumn,
  type CsvValue,
  elementReader,
} from './csv-columns.js';
import { type CsvRow, type LabelledCsvRow, NumberReader, type RowForm } from './csv-numbers.js';
import { CsvParser, type CsvRecord } from './csv-parser.js';
import { Dataset } from './dataset.js';

/** Options of {@link csv}. */
export interface CsvOptions {
  /** Whether the first line has the columns' names. Default true. */
  hasHeader?: boolean;
  /** The columns' names, which replace those of a header. Required without one. */
  columnNames?: readonly string[];
  /** How to read columns, by name. */
  columnConfigs?: Readonly<Record<string, ColumnConfig>>;
  /** Whether columns without a config are left out. Default false. */
  configuredColumnsOnly?: boolean;
  /** The character between fields. Default ','. */
  delimiter?: string;
}

/** A record without labels. */
export type CsvElement = Record<string, CsvValue>;

/** A record with labels in which all values are numbers. */
export interface LabelledCsvElement {
  /** The columns that aren't labels, by name. */
  xs: Record<string, number>;
  /** The columns that are labels, by name. */
  ys: Record<string, number>;
}

interface CsvSettings {
  hasHeader: boolean;
  columnNames?: readonly string[];
  columnConfigs: Readonly<Record<string, ColumnConfig>>;
  configuredColumnsOnly: boolean;
  delimiter: string;
}

/** Options of `tensors` of a CSV dataset. */
export interface CsvTensorOptions {
  /** The shape of xs, such as [28, 28, 1] for images. Default [columns]. */
  shape?: readonly number[];
  /** The type of xs. Default 'float32'. */
  dtype?: 'float32' | 'int32' | 'uint8';
}

/** A dataset of a CSV file's records: see {@link csv}. */
export class CsvDataset<Element> extends Dataset<Element> {
  readonly #path: string;
  readonly #settings: CsvSettings;

  constructor(path: string, settings: CsvSettings) {
    super(() => withPauses(elements<Element>(path, settings)), null);
    this.#path = path;
    this.#settings = settings;
  }

  /** The names of the columns that elements have. Rejects with IO_ERROR, CORRUPT_FILE. */
  async columnNames(): Promise<string[]> {
    return [...(await columnNames(this.#path, this.#settings))];
  }

  /**
   * The records as tensors for `batch` and fitDataset: `xs` has the columns that aren't labels, in the order of
   * the file, and `ys` the label as a number, or several as a float32 tensor. Without label columns, elements
   * have only `xs`. This is many times as fast as objects if there are many columns.
   *
   * All columns must be numeric; an empty cell takes the column's default. For images in rows of pixels:
   * `tf.data.csv<tf.data.LabelledCsvElement>('train.csv', { columnConfigs: { label: { isLabel: true } } })
   * .tensors({ shape: [28, 28, 1], dtype: 'uint8' }).batch(64)`.
   *
   * @throws INVALID_ARGUMENT, UNKNOWN_OPTION. Reading throws CORRUPT_FILE, with line and column, for a cell that
   * is no number of this type; SHAPE_MISMATCH if the file has another number of columns.
   */
  tensors(
    options: CsvTensorOptions = {},
  ): Dataset<Element extends LabelledCsvElement ? LabelledCsvRow : CsvRow> {
    const form = readRowForm(options);
    return new Dataset(() => withPauses(rows(this.#path, this.#settings, form)), null) as Dataset<never>;
  }
}

function readRowForm(options: CsvTensorOptions): RowForm {
  const checks = new OptionChecks('data.csv: tensors');
  checks.keys(options, ['shape', 'dtype']);
  const { shape, dtype = 'float32' } = options;
  checks.oneOf('dtype', dtype, ['float32', 'int32', 'uint8']);
  if (shape === undefined) return { dtype };
  if (!Array.isArray(shape))
    checks.fail('INVALID_ARGUMENT', `shape is ${show(shape)}; give a list of sizes.`);
  return { dtype, shape: shape.map((size, i) => checks.whole(`shape[${i}]`, size, 1)) };
}

/**
 * A dataset of a CSV file's records (RFC 4180, UTF-8), read as they are needed. An element is {column:
 * value}, or {xs, ys} of these if some columns are labels (`columnConfigs: {price: {isLabel: true}}`). A cell
 * that reads as a number becomes one.
 *
 * To train on numbers, take `.tensors().batch(32)`. TF.js's way works too: `.map(({xs, ys}) => ({xs:
 * Object.values(xs), ys: Object.values(ys)})).batch(32)`.
 *
 * @param source A path, or a URL 'file://...'.
 * @throws INVALID_ARGUMENT, UNKNOWN_OPTION. Reading throws IO_ERROR, CORRUPT_FILE with line and column, or
 * UNKNOWN_OPTION for a config without a column.
 */
export function csv<Element = CsvElement>(source: string, options: CsvOptions = {}): CsvDataset<Element> {
  const checks = new OptionChecks('data.csv');
  if (typeof source !== 'string' || source === '')
    checks.fail('INVALID_ARGUMENT', `${show(source)} is not a path; give that of a CSV file.`);
  const path = source.replace(/^file:\/\//, '');
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path))
    checks.fail('UNSUPPORTED', `${show(source)} can't be read; give the path of a file.`);
  checks.keys(options, ['hasHeader', 'columnNames', 'columnConfigs', 'configuredColumnsOnly', 'delimiter']);
  const { columnNames: names, delimiter = ',' } = options;
  const hasHeader = checks.boolean('hasHeader', options.hasHeader ?? true);
  if (names !== undefined && !(Array.isArray(names) && names.every((name) => typeof name === 'string')))
    checks.fail('INVALID_ARGUMENT', `columnNames is ${show(names)}; it must be a list of names.`);
  if (!hasHeader && names === undefined)
    checks.fail('INVALID_ARGUMENT', 'without a header, columnNames must name the columns.');
  if (typeof delimiter !== 'string' || delimiter.length !== 1 || '"\r\n'.includes(delimiter)) {
    const range = 'one character, neither a quote nor a line break';
    checks.fail('INVALID_ARGUMENT', `delimiter is ${show(delimiter)}; it must be ${range}.`);
  }
  return new CsvDataset(path, {
    hasHeader,
    columnNames: names,
    columnConfigs: checkColumnConfigs(checks, options.columnConfigs ?? {}),
    configuredColumnsOnly: checks.boolean('configuredColumnsOnly', options.configuredColumnsOnly ?? false),
    delimiter,
  });
}

async function* elements<Element>(path: string, settings: CsvSettings): AsyncGenerator<Element> {
  let read: ((record: CsvRecord) => object) | undefined;
  for await (const { record, columns, count } of rowsOf(path, settings)) {
    read ??= elementReader(path, columns, count);
    yield read(record) as Element;
  }
}

async function* rows(path: string, settings: CsvSettings, form: RowForm): AsyncGenerator<CsvRow> {
  let reader: NumberReader | undefined;
  for await (const { record, columns, count } of rowsOf(path, settings)) {
    reader ??= new NumberReader(path, columns, count, settings.delimiter, form);
    yield reader.read(record);
  }
}

/** A record with the columns to read, and the number of fields that it must have. */
interface Row {
  record: CsvRecord;
  columns: readonly CsvColumn[];
  count: number;
}

/** The records but for the header. */
async function* rowsOf(path: string, settings: CsvSettings): AsyncGenerator<Row> {
  let columns: CsvColumn[] | undefined;
  let count = 0;
  for await (const record of records(path, settings.delimiter)) {
    if (columns === undefined) {
      columns = columnsOf(path, record, settings);
      count = record.fields.length;
      if (settings.hasHeader) continue;
    }
    yield { record, columns, count };
  }
}

async function columnNames(path: string, settings: CsvSettings): Promise<string[]> {
  for await (const record of records(path, settings.delimiter))
    return columnsOf(path, record, settings).map(({ name }) => name);
  throw new ConvforgeError('CORRUPT_FILE', `${path}: the file is empty, so its columns have no names.`);
}

function columnsOf(path: string, first: CsvRecord, settings: CsvSettings): CsvColumn[] {
  const { columnConfigs, configuredColumnsOnly } = settings;
  const names = settings.columnNames ?? first.fields;
  checkCount(path, first.line, first.fields.length, names.length);
  return chooseColumns(path, names, columnConfigs, configuredColumnsOnly);
}

/** Bytes of the file that are read and parsed at a time. */
const READ_SIZE = 2 ** 18;

async function* records(path: string, delimiter: string): AsyncGenerator<CsvRecord> {
  const parser = new CsvParser(path, delimiter);
  const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: READ_SIZE });
  try {
    for await (const text of stream) yield* parser.push(text);
    yield* parser.end();
  } catch (error) {
    if (error instanceof ConvforgeError || !(error as NodeJS.ErrnoException).syscall) throw error;
    throw new ConvforgeError('IO_ERROR', `Can't read ${path}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
