/** A part of a model as plain data, which makes it again. */
export interface Serialized {
  /** As Keras names the class, "Adam". */
  className: string;
  /** The options, as getConfig gives them. */
  config?: Readonly<Record<string, unknown>>;
}
