import { beginCounting, counted } from './memory-count.js';
import { Tensor } from './tensor.js';

/*
 * TF.js's functions for memory management. convforge's programs don't need them, since the garbage collector
 * frees tensors.
 */

/**
 * Calls `fn` and returns its result. TF.js frees the tensors that `fn` made; here the garbage collector does.
 */
export function tidy<T>(nameOrFn: string | (() => T), fn?: () => T): T {
  return typeof nameOrFn === 'function' ? nameOrFn() : (fn as () => T)();
}

/** Returns the tensor. Nothing would free it. */
export function keep<T extends Tensor>(tensor: T): T {
  return tensor;
}

/** Disposes of each tensor in a list or an object, at any depth. Ignores other values. */
export function dispose(container: unknown): void {
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object' || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Tensor) value.dispose();
    else if (!ArrayBuffer.isView(value)) Object.values(value).forEach(visit);
  };
  visit(container);
}

/** The result of memory(). */
export interface MemoryInfo {
  /** Tensors made since the first call that were neither disposed of nor collected. */
  numTensors: number;
  /** The arrays that store their values. Tensors may share one. */
  numDataBuffers: number;
  /** The bytes of those arrays. */
  numBytes: number;
  /** Always true, for the `reasons`. */
  unreliable: true;
  /** Why the counts are unreliable, in sentences. */
  reasons: string[];
}

/**
 * Counts the tensors made since its first call, and their memory. Counting slows down making small tensors,
 * so it begins with the first call. It leaves out models and the memory of engines.
 */
export function memory(): MemoryInfo {
  beginCounting();
  return {
    numTensors: counted.tensors,
    numDataBuffers: counted.arrays,
    numBytes: counted.bytes,
    unreliable: true,
    reasons: [
      'The garbage collector frees tensors, so the counts lag behind.',
      'Tensors made before the first call of memory() are not counted.',
    ],
  };
}
