import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import { allocate } from '../tensor/dtype.js';
import { Tensor, type TypedArray } from '../tensor/index.js';
import { checkCount, type CsvColumn, failAt, readCell } from './csv-columns.js';
import type { CsvRecord } from './csv-parser.js';

/** A record's columns that aren't labels, as a tensor. */
export interface CsvRow {
  /** The values of the columns that aren't labels, in the shape and dtype of the options of `tensors`. */
  xs: Tensor;
}

/** A record as tensors. */
export interface LabelledCsvRow extends CsvRow {
  /** The label; with several label columns, a float32 tensor of them. */
  ys: number | Tensor;
}

/** The checked options of `CsvDataset.tensors`. */
export interface RowForm {
  dtype: 'float32' | 'int32' | 'uint8';
  /** The shape of xs; undefined for [columns]. */
  shape?: readonly number[];
}

const RANGES = { int32: 'a whole number of 32 bits', uint8: 'a whole number from 0 to 255' };

const MINUS = '-'.charCodeAt(0);
const POINT = '.'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const NINE = '9'.charCodeAt(0);

/** Digits of a number up to which numerator and power of ten are exact, so that their quotient is rounded once. */
const EXACT_DIGITS = 15;

/**
 * Reads records as numbers. Short decimal numbers in lines without quotes are read digit by digit, without a
 * string for each cell.
 */
export class NumberReader {
  readonly #path: string;
  readonly #delimiter: string;
  /** By index in the record; undefined for a column that isn't read. */
  readonly #columns: readonly (CsvColumn | undefined)[];
  readonly #features: readonly CsvColumn[];
  readonly #labels: readonly CsvColumn[];
  readonly #form: RowForm;
  /** The index of each feature in the record. */
  readonly #places: Int32Array;
  /** For each column, 1 if its numbers are taken as they are. */
  readonly #isDecimal: Uint8Array;
  /** The numbers of the last record. */
  readonly #values: Float64Array;

  /**
   * @param count The number of columns of the file.
   * @throws SHAPE_MISMATCH if the shape doesn't have as many elements as there are columns without labels.
   */
  constructor(path: string, columns: readonly CsvColumn[], count: number, delimiter: string, form: RowForm) {
    this.#path = path;
    this.#delimiter = delimiter;
    const all = new Array<CsvColumn | undefined>(count).fill(undefined);
    for (const column of columns) all[column.index] = column;
    this.#columns = all;
    this.#features = columns.filter(({ config }) => !config.isLabel);
    this.#labels = columns.filter(({ config }) => config.isLabel);
    this.#form = form;
    this.#places = Int32Array.from(this.#features, ({ index }) => index);
    this.#isDecimal = Uint8Array.from(all, (column) =>
      column && (column.config.dtype ?? 'float32') === 'float32' ? 1 : 0,
    );
    this.#values = new Float64Array(count);
    const { length } = this.#features;
    const elements = form.shape?.reduce((product, size) => product * size, 1) ?? length;
    if (elements === length) return;
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${path}: shape [${form.shape}] has ${elements} elements, but there are ${length} columns that aren't labels.`,
    );
  }

  /** Throws CORRUPT_FILE for a cell without a number, or another number of fields. */
  read(record: CsvRecord): CsvRow | LabelledCsvRow {
    const { plain } = record;
    if (plain === undefined || !this.#readPlain(record, plain)) this.#readFields(record);
    const { dtype, shape = [this.#features.length] } = this.#form;
    const xs = allocate(dtype, this.#features.length, this.#path);
    const wrong = copyValues(this.#values, this.#places, xs);
    if (wrong >= 0 && dtype !== 'float32') {
      const { name, index } = this.#features[wrong];
      failAt(this.#path, record.line, name, `${this.#values[index]} is not ${RANGES[dtype]}`);
    }
    const row = { xs: new Tensor(xs, shape, dtype) };
    return this.#labels.length === 0 ? row : { ...row, ys: this.#readLabels() };
  }

  #readLabels(): number | Tensor {
    const values = this.#labels.map(({ index }) => this.#values[index]);
    if (values.length === 1) return values[0];
    return new Tensor(Float32Array.from(values), [values.length], 'float32');
  }

  #readFields({ line, fields }: CsvRecord): void {
    checkCount(this.#path, line, fields.length, this.#columns.length);
    for (const [index, cell] of fields.entries()) this.#readCell(line, index, cell);
  }

  /** Returns false, perhaps with some values read, if the line has another number of fields. */
  #readPlain({ line }: CsvRecord, text: string): boolean {
    const values = this.#values;
    const isDecimal = this.#isDecimal;
    const delimiter = this.#delimiter.charCodeAt(0);
    let at = 0;
    for (let index = 0; index < values.length; index++) {
      if (at > text.length) return false;
      const end = isDecimal[index] === 1 ? readDecimal(text, at, delimiter, values, index) : -1;
      if (end >= 0) {
        at = end + 1;
        continue;
      }
      const found = text.indexOf(this.#delimiter, at);
      const stop = found < 0 ? text.length : found;
      this.#readCell(line, index, text.slice(at, stop));
      at = stop + 1;
    }
    return at === text.length + 1;
  }

  #readCell(line: number, index: number, cell: string): void {
    const column = this.#columns[index];
    if (column === undefined) return;
    const fail = (problem: string) => failAt(this.#path, line, column.name, problem);
    const value = readCell(cell, column.config, fail);
    if (value === undefined) fail('it is empty; give the column a default in columnConfigs');
    if (typeof value !== 'number') fail(`${show(value)} is not a number`);
    this.#values[index] = value as number;
  }
}

/**
 * Reads a number of few digits, such as -12.5, into values[index], and returns the index of the delimiter after
 * it. Returns -1 if the cell has anything else.
 */
function readDecimal(
  text: string,
  from: number,
  delimiter: number,
  values: Float64Array,
  index: number,
): number {
  const isNegative = text.charCodeAt(from) === MINUS;
  const first = isNegative ? from + 1 : from;
  let value = 0;
  let point = -1;
  let at = first;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === delimiter) break;
    if (code >= ZERO && code <= NINE) value = 10 * value + (code - ZERO);
    else if (code === POINT && point < 0) point = at;
    else return -1;
  }
  const digits = at - first - (point < 0 ? 0 : 1);
  if (digits === 0 || digits > EXACT_DIGITS) return -1;
  if (point >= 0) value /= 10 ** (at - point - 1);
  values[index] = isNegative ? -value : value;
  return at;
}

/**
 * Copies the values at these places. Returns the first index at which the copy differs, since typed arrays of
 * integers wrap and truncate; -1 if there is none.
 */
function copyValues(values: Float64Array, places: Int32Array, to: TypedArray): number {
  let wrong = -1;
  for (let i = places.length - 1; i >= 0; i--) {
    const value = values[places[i]];
    to[i] = value;
    if (to[i] !== value) wrong = i;
  }
  return wrong;
}
