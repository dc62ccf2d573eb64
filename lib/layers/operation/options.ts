import { isPlainObject, type OptionChecks, show, unknownName } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Kind } from '../options/schema.js';
import type { OpDefinition } from './call.js';
import * as definitions from './ops/index.js';

/** How deep attributes may nest. */
const MAX_DEPTH = 32;

/** The definition of each operation by its name. A Map, so that names such as "constructor" find nothing. */
const DEFINITIONS: ReadonlyMap<string, OpDefinition> = new Map(
  Object.entries(definitions as Readonly<Record<string, OpDefinition>>),
);

/** Returns the definition of a known operation. */
export function definitionOf(op: string): OpDefinition {
  return DEFINITIONS.get(op) as OpDefinition;
}

/** Whether there is an operation of this name. */
export function isOperation(op: string): boolean {
  return DEFINITIONS.has(op);
}

/** An argument of an operation that is no value of the model: a number, or a tensor that is a weight. */
export type ConstantOption =
  | { readonly position: number; readonly value: number }
  | {
      readonly position: number;
      readonly shape: Shape;
      /** The weight's name. Default: "constant", "constant_1"... */
      readonly name?: string;
      /** Whether training updates it. Default false. */
      readonly trainable?: boolean;
    };

/** The name of an operation. */
export const opName: Kind<string> = {
  read(checks, _name, value) {
    if (typeof value === 'string' && isOperation(value)) return value;
    const problem =
      typeof value === 'string'
        ? unknownName('operation', value, [...DEFINITIONS.keys()])
        : `op is ${show(value)}; it must be the name of an operation.`;
    return checks.fail('UNSUPPORTED', problem);
  },
};

/** Attributes, which are plain data. */
export const plainData: Kind<Readonly<Record<string, unknown>>> = {
  read(checks, name, value) {
    if (!isPlainObject(value))
      checks.fail('INVALID_ARGUMENT', `${name} are ${show(value)}; they must be an object.`);
    return copied(checks, name, value, MAX_DEPTH) as Record<string, unknown>;
  },
  write: (attributes) => structuredClone(attributes),
};

function copied(checks: OptionChecks, name: string, value: unknown, levels: number): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value;
  if (levels > 0 && Array.isArray(value))
    return value.map((each, i) => copied(checks, `${name}[${i}]`, each, levels - 1));
  if (levels > 0 && isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined && each !== null);
    return Object.fromEntries(
      entries.map(([key, each]) => [key, copied(checks, `${name}.${key}`, each, levels - 1)]),
    );
  }
  return checks.fail(
    'INVALID_ARGUMENT',
    `${name} is ${show(value)}; attributes are finite numbers, strings, booleans, and lists and objects of them.`,
  );
}

/** The arguments that are no values of the model, in the order of their positions. */
export const constantOptions: Kind<readonly ConstantOption[]> = {
  read(checks, name, value) {
    if (!Array.isArray(value)) checks.fail('INVALID_ARGUMENT', `${name} are ${show(value)}; give a list.`);
    const read = (value as unknown[]).map((each, i) => readConstant(checks, `${name}[${i}]`, each));
    if (read.some(({ position }, i) => i > 0 && position <= read[i - 1].position))
      checks.fail('INVALID_ARGUMENT', `${name} must be in the order of their positions.`);
    const names = weightNames(read);
    if (new Set(names).size < names.length)
      checks.fail('INVALID_ARGUMENT', `${name} have a name twice: ${names.join(', ')}.`);
    return read;
  },
  write: (constants) => (constants.length > 0 ? structuredClone(constants) : undefined),
};

function readConstant(checks: OptionChecks, name: string, given: unknown): ConstantOption {
  if (!isPlainObject(given))
    return checks.fail('INVALID_ARGUMENT', `${name} is ${show(given)}; give an object.`);
  checks.keys(given, ['position', 'value', 'shape', 'name', 'trainable']);
  const position = checks.whole(`${name}.position`, given.position, 0);
  if (given.shape === undefined) {
    return { position, value: checks.number(`${name}.value`, given.value, () => true, 'a finite number') };
  }
  if (!Array.isArray(given.shape))
    checks.fail('INVALID_ARGUMENT', `${name}.shape is ${show(given.shape)}; give a list of sizes.`);
  const shape = (given.shape as unknown[]).map((size) => checks.whole(`${name}.shape`, size, 1));
  const { name: own, trainable } = given;
  if (own !== undefined && (typeof own !== 'string' || own === '' || own.includes('/')))
    checks.fail('INVALID_ARGUMENT', `${name}.name is ${show(own)}; it must be text without a slash.`);
  return {
    position,
    shape,
    ...(own !== undefined && { name: own as string }),
    ...(trainable !== undefined && { trainable: checks.boolean(`${name}.trainable`, trainable) }),
  };
}

/** The names of the weights that constants are. */
export function weightNames(constants: readonly ConstantOption[]): string[] {
  let unnamed = 0;
  return constants.flatMap((constant) => {
    if ('value' in constant) return [];
    return constant.name ?? `constant${unnamed++ > 0 ? `_${unnamed - 1}` : ''}`;
  });
}
