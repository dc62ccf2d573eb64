import { isPlainObject } from './options.js';

/**
 * The name of the method that Node's util.inspect, and so console.log, calls for a value's text. The symbol is a registered one, so
 * nothing of Node must be imported.
 */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/** The options of util.inspect, as far as they are used here. */
interface InspectOptions {
  readonly depth?: number | null;
  stylize(text: string, style: string): string;
}

/** What util.inspect hands to the method INSPECT: the levels of nesting that are left, its options, and itself. */
export type InspectArguments = [
  depth: number | null,
  options: InspectOptions,
  inspect: (value: unknown, options: object) => string,
];

/** Items of a list that are shown. */
const MOST_ITEMS = 8;
/** Levels of lists and objects in each other that are shown. */
const MOST_LEVELS = 4;

/** The text of `value`, by `describe`; that of any other object where `describe` throws, as for the prototype of a class. */
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

/** How a value must be shown: on how many lines, and in which colors. */
export class Look {
  /** Whether it is within an object or a list, where its text is one line. */
  readonly isNested: boolean;
  /** Whether it is deeper than util.inspect was asked to go. */
  readonly isTooDeep: boolean;
  readonly #options: InspectOptions;
  readonly #inspect: InspectArguments[2];

  constructor(...[depth, options, inspect]: InspectArguments) {
    this.isTooDeep = depth !== null && depth < 0;
    this.isNested = depth !== null && depth < (options.depth ?? Number.POSITIVE_INFINITY);
    this.#options = options;
    this.#inspect = inspect;
  }

  /** Text in the color that util.inspect has for this kind of value. */
  style(text: string, kind: 'number' | 'boolean' | 'string' | 'special' | 'undefined'): string {
    return this.#options.stylize(text, kind);
  }

  /** A value on one line: [3, 3], 'relu', { a: 1 }; `Zeros` for an object in a config, and `unknown` for undefined. */
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

  /** `{ filters: 32, kernelSize: [3, 3] }`, without what is null; '' if nothing is left. */
  fields(record: Readonly<Record<string, unknown>>, levels = MOST_LEVELS): string {
    const known = Object.entries(record).filter(([, value]) => value !== null);
    if (known.length === 0) return '';
    if (levels === 0) return '{...}';
    return `{ ${known.map(([name, value]) => `${name}: ${this.value(value, levels - 1)}`).join(', ')} }`;
  }
}

/** Parts of a line that are not empty, a space between them. */
export function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** That of a class that has its own `className`, which minifiers don't change; else what the class is called in the code. */
export function classNameOf(value: object): string {
  const Class = value.constructor as { className?: unknown; name: string };
  return Object.hasOwn(Class, 'className') ? String(Class.className) : Class.name;
}

interface SerializedObject {
  className: string;
  config: Readonly<Record<string, unknown>>;
}

/** Whether it is an object as configs have it: a class and its options. */
export function isSerialized(value: unknown): value is SerializedObject {
  return isPlainObject(value) && typeof value.className === 'string' && isPlainObject(value.config);
}

/** Options without those that have one of their `usual` values; in what they hold, too. */
export function unusual(
  config: Readonly<Record<string, unknown>>,
  usual: Readonly<Record<string, readonly unknown[]>>,
): Record<string, unknown> {
  const told = Object.entries(config).flatMap(([name, value]) => {
    const isUsual = Object.hasOwn(usual, name) && usual[name].some((each) => isAlike(each, value));
    if (isUsual || value === null || value === undefined) return [];
    return [[name, isSerialized(value) ? { ...value, config: unusual(value.config, usual) } : value]];
  });
  return Object.fromEntries(told);
}

/** Of an object in a config the class is compared. */
function isAlike(usual: unknown, value: unknown): boolean {
  if (isSerialized(value)) {
    return usual === value.className && Object.values(value.config).every((option) => option === null);
  }
  return Array.isArray(value)
    ? value.length > 0 && value.every((item) => item === usual)
    : Object.is(usual, value);
}
