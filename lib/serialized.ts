/** A part of a model as plain data, from which it can be made again. */
export interface Serialized {
  /** Keras's name of the class, such as "Adam". */
  className: string;
  /** The options, as getConfig returns them. */
  config?: Readonly<Record<string, unknown>>;
}

/**
 * The options that aren't null. null counts as not given: Keras writes it for options of its later versions,
 * too.
 */
export function givenOptions({ config }: Serialized): Record<string, unknown> {
  // A file may have null in place of all options.
  return Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => value !== null));
}
