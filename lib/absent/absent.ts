import { ConvforgeError } from '../errors.js';

/** What stands under a name of TF.js that convforge doesn't have. */
export type Absent = () => never;

/**
 * A function that throws UNSUPPORTED when it is called, or made an instance of, and says what to do instead. Reading it, `instanceof`
 * and `class extends` do no harm.
 * @param name As it stands under `tf`: "layers.lstm".
 * @param instead A part of a sentence, as in "use layers.dense".
 */
export function absent(name: string, instead: string): Absent {
  // No arrow function: those can't be called with `new`, and have no prototype.
  function stand(): never {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `tf.${name} is not in convforge; ${instead}. See docs/from-tfjs.md.`,
    );
  }
  return Object.defineProperty(stand, 'name', { value: name.slice(name.lastIndexOf('.') + 1) });
}

/** Names of a namespace, each with what to do instead: `{ 'lstm gru': 'use ...' }`. */
export function absentIn(
  namespace: string,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, Absent>> {
  const functions = Object.entries(names).flatMap(([some, instead]) =>
    some.split(' ').map((name) => [name, absent(`${namespace}.${name}`, instead)] as const),
  );
  return Object.fromEntries(functions);
}
