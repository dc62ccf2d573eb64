/** The purpose of a run. */
export type RunMode = 'train' | 'evaluate' | 'predict';

export const RUN_MODES: readonly RunMode[] = ['train', 'evaluate', 'predict'];

/** An algorithm that wasn't chosen. */
export interface DeclinedAlgorithm {
  /** Its name. */
  algorithm: string;
  /** Why it wasn't chosen. */
  reason: string;
}

/** How one pass of a node is computed. */
export interface PassExplanation {
  /** The node's name; "loss" or "optimizer" for passes that belong to no node. */
  node: string;
  /**
   * "read", "forward", "backward", "input gradient", "kernel gradient", "loss", "update", or "recompute" for a
   * forward pass that is computed again.
   */
  kind: string;
  /** The algorithm, such as "winograd" or "pointwise". */
  algorithm: string;
  /** Algorithms of higher priority, and why they weren't chosen. */
  declined: DeclinedAlgorithm[];
  /** Operations fused into the pass: "bias, relu", or "". */
  fused: string;
  /**
   * Multiplications and additions per sample of a direct, dense computation. 0 for passes with little
   * arithmetic.
   */
  flops: number;
  /** Bytes read and written per sample, for passes that memory limits. */
  bytes: number;
  /** Bytes read and written per step, independent of the number of samples. */
  stepBytes: number;
  /** Bytes of workspace: the pass's own buffers. */
  workspace: number;
  /** Bytes of scratch memory per thread. */
  scratch: number;
  /** Seconds over all profiled steps. */
  seconds?: number;
}

/** Memory that a program takes besides its samples, in bytes. */
export interface MemoryExplanation {
  /** Values, gradients by them and workspace that are alive at the same time during a step. */
  arena: number;
  /** Scratch memory per thread. */
  scratch: number;
  /** Values of all weights. */
  weights: number;
  /** Gradients of all weights. */
  gradients: number;
  /** Optimizer state of all weights. */
  optimizer: number;
}

/** How a program is computed in one mode. */
export interface ProgramExplanation {
  batchSize: number;
  /** The passes in the order in which they run. */
  passes: PassExplanation[];
  /** Absent from the reference engine, which leaves memory to the garbage collector. */
  memory?: MemoryExplanation;
  /** Present if steps were profiled. */
  profile?: { steps: number; samples: number; seconds: number };
}
