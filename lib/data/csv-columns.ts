import { ConvforgeError } from '../errors.js';
import { OptionChecks, show, unknownName } from '../options.js';
import type { CsvRecord } from './csv-parser.js';

/** The value of a cell; undefined for an empty cell without a default. */
export type CsvValue = number | string | undefined;

/** How to read a column of a CSV file. */
export interface ColumnConfig {
  /** Whether an empty cell is an error. Default false. An empty label is always an error. */
  required?: boolean;
  /**
   * 'float32', 'int32' (fractions are truncated), 'bool' (true and 1 become 1, false and 0 become 0) or
   * 'string'. Default: a cell that reads as a number becomes one, any other stays a string.
   */
  dtype?: 'float32' | 'int32' | 'bool' | 'string';
  /** The value of empty cells. */
  default?: number | string;
  /** Whether the column is part of ys. Default false. */
  isLabel?: boolean;
}

const DTYPES: readonly unknown[] = ['float32', 'int32', 'bool', 'string', undefined];

/** A column to read. */
export interface CsvColumn {
  name: string;
  /** Its index in a record. */
  index: number;
  config: ColumnConfig;
}

export function checkColumnConfigs(
  checks: OptionChecks,
  configs: unknown,
): Readonly<Record<string, ColumnConfig>> {
  if (configs === null || typeof configs !== 'object')
    return checks.fail('INVALID_ARGUMENT', `columnConfigs is ${show(configs)}; give configs by column.`);
  for (const [name, config] of Object.entries(configs)) {
    new OptionChecks(`${checks.subject}: column '${name}'`).keys(config, [
      'required',
      'dtype',
      'default',
      'isLabel',
    ]);
    if (!DTYPES.includes(config.dtype)) {
      const known = DTYPES.slice(0, -1).join(', ');
      checks.fail(
        'INVALID_ARGUMENT',
        `column '${name}': dtype is ${show(config.dtype)}; it can be ${known}.`,
      );
    }
  }
  return configs as Record<string, ColumnConfig>;
}

/** Throws UNKNOWN_OPTION for a config without a column, CORRUPT_FILE for a column name that occurs twice. */
export function chooseColumns(
  path: string,
  names: readonly string[],
  configs: Readonly<Record<string, ColumnConfig>>,
  configuredOnly: boolean,
): CsvColumn[] {
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  const unknown = Object.keys(configs).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new ConvforgeError('UNKNOWN_OPTION', `${path}: ${unknownName('column', unknown, names)}`);
  if (twice !== undefined) {
    throw new ConvforgeError(
      'CORRUPT_FILE',
      `${path}: two columns are named '${twice}'; give names of your own in columnNames.`,
    );
  }
  return names
    .map((name, index) => ({ name, index, config: Object.hasOwn(configs, name) ? configs[name] : undefined }))
    .filter(({ config }) => config !== undefined || !configuredOnly)
    .map(({ config = {}, ...column }) => ({ ...column, config }));
}

/**
 * Returns a function that reads a record as {column: value}, or as {xs, ys} of these if there are labels. It
 * throws CORRUPT_FILE.
 *
 * @param count The number of fields that a record must have.
 */
export function elementReader(
  path: string,
  columns: readonly CsvColumn[],
  count: number,
): (record: CsvRecord) => object {
  const features = columns.filter(({ config }) => !config.isLabel);
  const labels = columns.filter(({ config }) => config.isLabel);
  return ({ line, fields }) => {
    checkCount(path, line, fields.length, count);
    const read = (part: readonly CsvColumn[]) =>
      Object.fromEntries(
        part.map(({ name, index, config }) => [
          name,
          readCell(fields[index], config, (problem) => failAt(path, line, name, problem)),
        ]),
      );
    const xs = read(features);
    return labels.length === 0 ? xs : { xs, ys: read(labels) };
  };
}

/** The value of a cell. `fail` throws an error that says where it is. */
export function readCell(cell: string, config: ColumnConfig, fail: (problem: string) => never): CsvValue {
  const { dtype } = config;
  if (cell === '') {
    if (config.default !== undefined) return config.default;
    return config.required || config.isLabel ? fail('it is empty, and required') : undefined;
  }
  if (dtype === 'string') return cell;
  if (dtype === 'bool') return readBoolean(cell, fail);
  const number = cell.trim() === '' ? Number.NaN : Number(cell);
  if (Number.isNaN(number)) return dtype === undefined ? cell : fail(`${show(cell)} is not a number`);
  return dtype === 'int32' ? Math.trunc(number) : number;
}

function readBoolean(cell: string, fail: (problem: string) => never): number {
  const word = cell.trim().toLowerCase();
  if (word === 'true' || word === '1') return 1;
  if (word === 'false' || word === '0') return 0;
  return fail(`${show(cell)} is neither true nor false`);
}

/** Throws CORRUPT_FILE unless a record has as many fields as there are columns. */
export function checkCount(path: string, line: number, fields: number, columns: number): void {
  if (fields === columns) return;
  throw new ConvforgeError(
    'CORRUPT_FILE',
    `${path}, line ${line}: it has ${fields} fields, but there are ${columns} columns.`,
  );
}

/** Throws CORRUPT_FILE. */
export function failAt(path: string, line: number, column: string, problem: string): never {
  throw new ConvforgeError('CORRUPT_FILE', `${path}, line ${line}, column '${column}': ${problem}.`);
}
