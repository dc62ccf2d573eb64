import { type OptionChecks, unknownName } from '../options.js';

interface Field {
  key: string;
  zeros: boolean;
  width: number;
  precision?: number;
  kind: 'd' | 'f' | 'e' | '';
}

/** A path with fields such as {epoch}, {epoch:03d} and {val_loss:.2f}, as Python's format has them. */
export class PathTemplate {
  readonly #checks: OptionChecks;
  /** Text and fields in turn. */
  readonly #parts: readonly (string | Field)[];

  /** Throws INVALID_ARGUMENT for a field that can't be read. */
  constructor(checks: OptionChecks, template: string) {
    this.#checks = checks;
    this.#parts = template
      .split(/(\{[^}]*\})/)
      .map((part) => (part.startsWith('{') ? this.#field(part) : part));
  }

  /** Throws UNKNOWN_OPTION for a field that isn't among `keys`. */
  check(keys: readonly string[]): void {
    for (const part of this.#parts) {
      if (typeof part === 'string' || keys.includes(part.key)) continue;
      this.#checks.fail('UNKNOWN_OPTION', `filepath: ${unknownName('log key', part.key, keys)}`);
    }
  }

  /** Throws UNKNOWN_OPTION for a field that `values` lacks. */
  fill(values: Readonly<Record<string, number>>): string {
    this.check(Object.keys(values));
    return this.#parts.map((part) => (typeof part === 'string' ? part : this.#show(part, values))).join('');
  }

  #field(text: string): Field {
    const match = /^\{(\w+)(?::(0?)(\d*)(?:\.(\d+))?([dfe]?))?\}$/.exec(text);
    if (!match) {
      return this.#checks.fail(
        'INVALID_ARGUMENT',
        `'${text}' in filepath can't be read; fields are like {epoch}, {epoch:03d} or {val_loss:.2f}.`,
      );
    }
    const [, key, zeros = '', width = '', precision, kind = ''] = match;
    const field: Field = { key, zeros: zeros === '0', width: Number(width), kind: kind as Field['kind'] };
    return precision === undefined ? field : { ...field, precision: Number(precision) };
  }

  #show({ key, zeros, width, precision, kind }: Field, values: Readonly<Record<string, number>>): string {
    return written(values[key], precision, kind).padStart(width, zeros ? '0' : ' ');
  }
}

function written(value: number, precision: number | undefined, kind: Field['kind']): string {
  if (kind === 'd') return value.toFixed(0);
  if (kind === 'e') return value.toExponential(precision ?? 6);
  if (kind === 'f' || precision !== undefined) return value.toFixed(precision ?? 6);
  return String(value);
}
