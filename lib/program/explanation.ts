/** What a program is run for. */
export type RunMode = 'train' | 'evaluate' | 'predict';

export const RUN_MODES: readonly RunMode[] = ['train', 'evaluate', 'predict'];

/** An algorithm that wasn't taken. */
export interface DeclinedAlgorithm {
  /** Its name. */
  algorithm: string;
  /** Why, in words. */
  reason: string;
}

/** How one pass of a node is computed. */
export interface PassExplanation {
  /** The node's name; "loss" and "optimizer" for what belongs to no node. */
  node: string;
  /** "read", "forward", "backward", "input gradient", "kernel gradient", "loss" or "update". */
  kind: string;
  /** What it is computed by, such as "winograd" or "pointwise". */
  algorithm: string;
  /** Algorithms that would have gone first, and why they didn't. */
  declined: DeclinedAlgorithm[];
  /** What is done in the same pass: "bias, relu", or "". */
  fused: string;
  /** Multiplications and additions of a sample, counted densely: what a direct computation takes. 0 where little is multiplied. */
  flops: number;
  /** Where memory is the limit: bytes read and written for a sample. */
  bytes: number;
  /** The same for a step, whatever its samples. */
  stepBytes: number;
  /** Bytes of the pass's own buffers. */
  workspace: number;
  /** Bytes that each thread works in. */
  scratch: number;
  /** Of all steps that were profiled. */
  seconds?: number;
}

/** Bytes that running a program takes besides its samples. */
export interface MemoryExplanation {
  /** What lives at once during a step: values, gradients by them, and workspace. */
  arena: number;
  /** Of each thread. */
  scratch: number;
  /** Values of all weights. */
  weights: number;
  /** Gradients of all weights. */
  gradients: number;
  /** What the optimizer keeps of each weight. */
  optimizer: number;
}

/** How a program is computed in one mode. */
export interface ProgramExplanation {
  batchSize: number;
  /** In the order in which they run. */
  passes: PassExplanation[];
  /** Absent from the reference engine, which leaves memory to the garbage collector. */
  memory?: MemoryExplanation;
  /** Present if steps were profiled. */
  profile?: { steps: number; samples: number; seconds: number };
}
