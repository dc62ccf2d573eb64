import { ConvforgeError } from './errors.js';
import { show, unknownName } from './options.js';
import { givenOptions, type Serialized } from './serialized.js';

/**
 * Looks up names that users write in camelCase, in snake_case or as class names ('glorotUniform',
 * 'glorot_uniform', 'GlorotUniform'). Throws INVALID_ARGUMENT for an unknown name; the message has the
 * nearest known one.
 */
export function nameTable<T>(kind: string, values: Readonly<Record<string, T>>): (name: string) => T {
  const byPlainName = new Map(Object.entries(values).map(([name, value]) => [plainName(name), value]));
  return (name) => {
    const found = byPlainName.get(plainName(name));
    if (found !== undefined) return found;
    throw new ConvforgeError('INVALID_ARGUMENT', `${kind}: ${unknownName(kind, name, Object.keys(values))}`);
  };
}

/** A class that makes parts of models from their options. */
export type PartClass<Part> = new (config: Record<string, unknown>) => Part;

/**
 * Returns a function that reads what stands for a part: an instance of `Base`, a name of `classes`, or a class
 * name and config. `byName` gives the options for a name alone; default none. `example` ends the message about
 * any other value. Throws INVALID_ARGUMENT.
 */
export function partReader<Part>(
  kind: string,
  Base: abstract new (...options: never) => Part,
  classes: Readonly<Record<string, PartClass<Part>>>,
  example: string,
  byName: (Class: PartClass<Part>) => Record<string, unknown> = () => ({}),
): (identifier: unknown) => Part {
  const classNamed = nameTable(kind, classes);
  return (identifier) => {
    if (identifier instanceof Base) return identifier;
    if (typeof identifier === 'string') {
      const Class = classNamed(identifier);
      return new Class(byName(Class));
    }
    const { className, config } = (identifier ?? {}) as Partial<Serialized>;
    if (typeof className === 'string')
      return new (classNamed(className))(givenOptions({ className, config }));
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${kind}: ${show(identifier)} is not a known ${kind}; ${example}`,
    );
  };
}

/** The name without underscores and capitals, equal for all three spellings. */
function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
