import type { WeightEntry } from './manifest.js';
import type { JsonObject, ModelFormat } from './read-model-json.js';
import type { ByteReader } from './weight-values.js';

/** A stored model whose weights aren't read yet. */
export interface ModelSource {
  /** Name of the source in messages. */
  label: string;
  /** Contents of the model.json. */
  json: JsonObject;
  /** The stored weights, in order. undefined if there are none; the model then gets new ones. */
  entries?: readonly WeightEntry[];
  /** Calls `read` with a reader for each weight in turn. */
  readWeights(read: (entry: WeightEntry, reader: ByteReader) => Promise<void>): Promise<void>;
  /** Closes its files. Absent if it has none. */
  close?(): Promise<void>;
}

/** Who opens a source, and what it may hold. */
export interface SourceOptions {
  /** The function that the user called. */
  what: string;
  formats: readonly ModelFormat[];
  signal?: AbortSignal;
}
