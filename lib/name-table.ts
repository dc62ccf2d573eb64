import { ConvforgeError } from './errors.js';
import { unknownName } from './options.js';

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

/** The name without underscores and capitals, equal for all three spellings. */
function plainName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
