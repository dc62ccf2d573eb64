import type { Attributes } from './attributes.js';

/** What a fold needs of a node. */
export interface FoldedNode {
  readonly op: string;
  readonly attributes: Attributes;
  /** Throws an error that names the node. */
  fail(problem: string): never;
  /** Throws CORRUPT_FILE, naming the node. */
  corrupt(problem: string): never;
  /** Counts elements that are made, and throws TOO_LARGE for too many in all. */
  spend(elements: number): void;
}
