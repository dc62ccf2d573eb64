import { ConvforgeError } from './errors.js';
import { unknownName } from './options.js';

/**
 * Looks up what users name in camelCase, in snake_case or by class name ('glorotUniform', 'glorot_uniform', 'GlorotUniform').
 * INVALID_ARGUMENT for a name that isn't there; the message has the nearest that is.
 */
export function nameTable<T>(kind: string, values: Readonly<Record<string, T>>): (name: string) => T {
  const byPlainName = new Map(Object.entries(values).map(([name, value]) => [plainName(name), value]));
  return (name) => {
    const found = byPlainName.get(plainName(name));
    if (found !== undefined) return found;
    throw new ConvforgeError('INVALID_ARGUMENT', `${kind}: ${unknownName(kind, name, Object.keys(values))}`);
  };
}

/** What the three spellings of a name have in common. */
function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
