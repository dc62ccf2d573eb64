/** An input or output of a model in a file. */
export interface Port {
  name: string;
  /** Its type, as the file calls it. */
  type?: string;
  /** Its sizes with the batch in front: numbers, null or names for those that may be any. */
  shape: readonly (number | string | null)[] | null;
}

/** Something in a file that can't be done here. */
export interface Undone {
  /** Its kind: an op or a class of layers. */
  what: string;
  /** Where it is: the name of a node or a layer. */
  place: string;
  why: string;
}

/** What is in a file. */
export interface Description {
  /** The kind of file. */
  kind: string;
  /** The library that wrote it, with its version, as far as the file tells. */
  writer: string;
  /** Absent for files of weights alone, and if the layers can't be made. */
  inputs?: readonly Port[];
  outputs?: readonly Port[];
  /** Number of elements of all weights; null if it isn't told without them. */
  parameters: number | null;
  /** What `counts` counts. */
  parts: 'layers' | 'operations' | 'tensors';
  counts: Readonly<Record<string, number>>;
  undone: readonly Undone[];
  /** How it is opened. */
  open: string;
}

/** Counts how often each name occurs. The object has no prototype, since names are the file's. */
export function countNames(names: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = Object.create(null);
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
