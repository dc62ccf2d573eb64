import { appendFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import { Callback, type Logs } from './callback.js';

/** Options of {@link CSVLogger}. */
export interface CSVLoggerOptions {
  /** Path of the file. Its folder is created if need be. */
  filename: string;
  /** Separator of columns. Default ','. */
  separator?: string;
  /**
   * Whether to append to an existing file, which must have the same columns, instead of replacing it. Default
   * false.
   */
  append?: boolean;
}

/**
 * Writes one line per epoch to a CSV file, as Keras's CSVLogger does: `epoch` from 0, then the logs. Missing
 * values are NA, such as validation values of an epoch that stopped early.
 */
export class CSVLogger extends Callback {
  readonly #checks = new OptionChecks('csvLogger');
  readonly #filename: string;
  readonly #separator: string;
  readonly #append: boolean;
  #columns: string[] = [];

  /** Throws UNKNOWN_OPTION, INVALID_ARGUMENT. */
  constructor(options: CSVLoggerOptions) {
    super();
    const checks = this.#checks;
    checks.keys(options, ['filename', 'separator', 'append']);
    const { filename, separator = ',', append = false } = options;
    if (typeof filename !== 'string' || filename === '')
      checks.fail('INVALID_ARGUMENT', `filename is ${show(filename)}; it must be a path.`);
    if (typeof separator !== 'string' || separator === '' || /["\r\n]/.test(separator))
      checks.fail('INVALID_ARGUMENT', `separator is ${show(separator)}; it must be text within a line.`);
    this.#filename = filename;
    this.#separator = separator;
    this.#append = checks.boolean('append', append);
  }

  override onTrainBegin(): void {
    this.#columns = [];
  }

  override async getState(): Promise<unknown> {
    return { columns: this.#columns, size: (await this.#size()) ?? 0 };
  }

  /** Removes the lines that were written after the checkpoint. */
  override async setState({ columns, size }: { columns: string[]; size: number }): Promise<void> {
    const found = await this.#size();
    if (found === undefined) return;
    if (found > size) await this.#io(() => truncate(this.#filename, size));
    this.#columns = columns;
  }

  /** Writes a line. Rejects with IO_ERROR; INVALID_ARGUMENT if `append` meets a file with other columns. */
  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    if (this.#columns.length === 0) await this.#begin(logs);
    const values = this.#columns.map((key) => (Object.hasOwn(logs, key) ? String(logs[key]) : 'NA'));
    await this.#io(() => appendFile(this.#filename, this.#line([String(epoch), ...values])));
  }

  /** Bytes of the file; undefined if there is none. */
  async #size(): Promise<number | undefined> {
    return this.#io(() => stat(this.#filename).then(({ size }) => size, undefinedIfMissing));
  }

  async #begin(logs: Logs): Promise<void> {
    const columns = [...new Set([...(this.params?.metrics ?? []), ...Object.keys(logs)])];
    const header = this.#line(['epoch', ...columns]);
    await this.#io(() => mkdir(dirname(this.#filename), { recursive: true }));
    const before = this.#append ? await this.#io(() => readOrEmpty(this.#filename)) : '';
    if (before === '') await this.#io(() => writeFile(this.#filename, header));
    else if (!before.startsWith(header)) {
      this.#checks.fail(
        'INVALID_ARGUMENT',
        `${this.#filename} begins with ${show(before.slice(0, before.search(/\r?\n|$/)))}, not with the columns of these logs, ${show(header.trimEnd())}; choose another file or append: false.`,
      );
    }
    this.#columns = columns;
  }

  #line(fields: readonly string[]): string {
    const quote = (field: string) =>
      field.includes(this.#separator) || /["\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
    return `${fields.map(quote).join(this.#separator)}\n`;
  }

  async #io<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      const { message } = cause as Error;
      throw new ConvforgeError('IO_ERROR', `csvLogger: can't write ${this.#filename}: ${message}.`, {
        cause,
      });
    }
  }
}

async function readOrEmpty(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(undefinedIfMissing)) ?? '';
}

function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** Creates a {@link CSVLogger}. */
export function csvLogger(options: CSVLoggerOptions): CSVLogger {
  return new CSVLogger(options);
}
