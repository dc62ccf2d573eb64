import { ConvforgeError } from '../errors.js';

/** Takes the place of a TF.js function or class that convforge lacks. */
export type Absent = () => never;

/**
 * A function that throws UNSUPPORTED when it is called or constructed, and says what to do instead. Reading
 * it, `instanceof` and `class extends` don't throw.
 *
 * @param name Its name under `tf`: "layers.lstm".
 * @param instead What to do instead, as a part of a sentence: "use layers.dense".
 */
export function absent(name: string, instead: string): Absent {
  // An arrow function can't be called with `new` and has no prototype.
  function stand(): never {
    throw new ConvforgeError(
      'UNSUPPORTED',
      `tf.${name} is not in convforge; ${instead}. See docs/from-tfjs.md.`,
    );
  }
  return Object.defineProperty(stand, 'name', { value: name.slice(name.lastIndexOf('.') + 1) });
}

/** The absent names of a namespace, each with what to do instead: `{ 'lstm gru': 'use ...' }`. */
export function absentIn(
  namespace: string,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, Absent>> {
  const functions = Object.entries(names).flatMap(([some, instead]) =>
    some.split(' ').map((name) => [name, absent(`${namespace}.${name}`, instead)] as const),
  );
  return Object.fromEntries(functions);
}
