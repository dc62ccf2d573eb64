/** A part of a model as plain data, which makes it again. */
export interface Serialized {
  /** As Keras names the class, "Adam". */
  className: string;
  /** The options, as getConfig gives them. */
  config?: Readonly<Record<string, unknown>>;
}

/** Its options without those that are null: as in a layer's config, they aren't given. Keras writes them for options of its later versions, too. */
export function givenOptions({ config }: Serialized): Record<string, unknown> {
  // A file may have null for the whole of them.
  return Object.fromEntries(Object.entries(config ?? {}).filter(([, value]) => value !== null));
}
