import { isPlainObject } from './options.js';

/**
 * The method that Node's util.inspect, and so console.log, calls for a value's text. It is a registered
 * symbol, so that nothing must be imported from Node.
 */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** The used options of util.inspect. */
interface InspectOptions {
  readonly depth?: number | null;
  stylize(text: string, style: string): string;
}

/**
 * The arguments of the method INSPECT: the levels of nesting that are left, the options, and util.inspect
 * itself.
 */
export type InspectArguments = [
  depth: number | null,
  options: InspectOptions,
  inspect: (value: unknown, options: object) => string,
];

/** The most items of a list to show. */
const MOST_ITEMS = 8;
/** The most levels of nested lists and objects to show. */
const MOST_LEVELS = 4;

/**
 * The text that `describe` returns. If it throws, as for the prototype of a class, the text of any other
 * object.
 */
export function inspected<T extends object>(
  value: T,
  [depth, options, inspect]: InspectArguments,
  describe: (value: T, look: Look) => string,
): string {
  try {
    const look = new Look(depth, options, inspect);
    return look.isTooDeep ? look.style(`[${classNameOf(value)}]`, 'special') : describe(value, look);
  } catch {
    return inspect(value, { ...options, depth, customInspect: false });
  }
}

/** How a value is shown: on how many lines, and in which colours. */
export class Look {
  /** Whether the value is inside an object or a list. Its text must then be one line. */
  readonly isNested: boolean;
  /** Whether the value is deeper than util.inspect was asked to go. */
  readonly isTooDeep: boolean;
  readonly #options: InspectOptions;
  readonly #inspect: InspectArguments[2];

  constructor(...[depth, options, inspect]: InspectArguments) {
    this.isTooDeep = depth !== null && depth < 0;
    this.isNested = depth !== null && depth < (options.depth ?? Number.POSITIVE_INFINITY);
    this.#options = options;
    this.#inspect = inspect;
  }

  /** Text in util.inspect's colour for this kind of value. */
  style(text: string, kind: 'number' | 'boolean' | 'string' | 'special' | 'undefined'): string {
    return this.#options.stylize(text, kind);
  }

  /**
   * A value on one line: [3, 3], 'relu', { a: 1 }. An object in a config is shown as `Zeros`, undefined as
   * `unknown`.
   */
  value(value: unknown, levels = MOST_LEVELS): string {
    if (value === undefined) return this.style('unknown', 'undefined');
    if (Array.isArray(value)) {
      if (levels === 0) return '[...]';
      const items = value.slice(0, MOST_ITEMS).map((item) => this.value(item, levels - 1));
      return `[${[...items, ...(value.length > MOST_ITEMS ? ['...'] : [])].join(', ')}]`;
    }
    if (isSerialized(value)) return join(value.className, this.fields(value.config, levels));
    if (isPlainObject(value)) return this.fields(value, levels) || '{}';
    const oneLine = { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: MOST_ITEMS };
    return this.#inspect(value, { ...this.#options, ...oneLine, maxStringLength: 80 });
  }

  /** `{ filters: 32, kernelSize: [3, 3] }`, without null values; '' if nothing is left. */
  fields(record: Readonly<Record<string, unknown>>, levels = MOST_LEVELS): string {
    const known = Object.entries(record).filter(([, value]) => value !== null);
    if (known.length === 0) return '';
    if (levels === 0) return '{...}';
    return `{ ${known.map(([name, value]) => `${name}: ${this.value(value, levels - 1)}`).join(', ')} }`;
  }
}

/** Joins the non-empty parts of a line with spaces. */
export function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** The class's own `className`, which minifiers don't change, or else its name in the code. */
export function classNameOf(value: object): string {
  const Class = value.constructor as { className?: unknown; name: string };
  return Object.hasOwn(Class, 'className') ? String(Class.className) : Class.name;
}

interface SerializedObject {
  className: string;
  config: Readonly<Record<string, unknown>>;
}

/** Whether the value is an object of a config: a class name and options. */
export function isSerialized(value: unknown): value is SerializedObject {
  return isPlainObject(value) && typeof value.className === 'string' && isPlainObject(value.config);
}
