import { createReadStream } from 'node:fs';
import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import { withPauses } from './yield-to-event-loop.js';
import {
  checkColumnConfigs,
  chooseColumns,
  type ColumnConfig,
  type CsvColumn,
  type CsvValue,
  toElement,
} from './csv-columns.js';
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

/** A dataset of a CSV file's records: see {@link csv}. */
export class CsvDataset<Element> extends Dataset<Element> {
  readonly #names: () => Promise<readonly string[]>;

  constructor(path: string, settings: CsvSettings) {
    super(() => withPauses(elements<Element>(path, settings)), null);
    this.#names = () => columnNames(path, settings);
  }

  /** The names of the columns that elements have. Rejects with IO_ERROR, CORRUPT_FILE. */
  async columnNames(): Promise<string[]> {
    return [...(await this.#names())];
  }
}

/**
 * A dataset of a CSV file's records (RFC 4180, UTF-8), read as they are needed. An element is {column:
 * value}, or {xs, ys} of these if some columns are labels (`columnConfigs: {price: {isLabel: true}}`). A cell
 * that reads as a number becomes one.
 *
 * To train on it, map the values to lists: `.map(({xs, ys}) => ({xs: Object.values(xs), ys:
 * Object.values(ys)})).batch(32)`.
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
  let columns: CsvColumn[] | undefined;
  let count = 0;
  for await (const record of records(path, settings.delimiter)) {
    if (columns === undefined) {
      columns = columnsOf(path, record, settings);
      count = settings.columnNames?.length ?? record.fields.length;
      if (settings.hasHeader) continue;
    }
    checkCount(path, record, count);
    yield toElement(path, record, columns) as Element;
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
  checkCount(path, first, names.length);
  return chooseColumns(path, names, columnConfigs, configuredColumnsOnly);
}

function checkCount(path: string, { line, fields }: CsvRecord, count: number): void {
  if (fields.length === count) return;
  throw new ConvforgeError(
    'CORRUPT_FILE',
    `${path}, line ${line}: it has ${fields.length} fields, but there are ${count} columns.`,
  );
}

async function* records(path: string, delimiter: string): AsyncGenerator<CsvRecord> {
  const parser = new CsvParser(path, delimiter);
  const stream = createReadStream(path, { encoding: 'utf8' });
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
