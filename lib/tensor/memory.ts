import { beginCounting, counted } from './memory-count.js';
import { Tensor } from './tensor.js';

/*
 * TF.js's memory management, for scripts that use it. Tensors are freed by the garbage collector: none of this is needed.
 */

/** Calls `fn` and returns what it returns. TF.js frees the tensors made in between; here the garbage collector does. */
export function tidy<T>(nameOrFn: string | (() => T), fn?: () => T): T {
  return typeof nameOrFn === 'function' ? nameOrFn() : (fn as () => T)();
}

/** The tensor itself: nothing would free it. */
export function keep<T extends Tensor>(tensor: T): T {
  return tensor;
}

/** Disposes each tensor in a list or an object, however deeply nested; whatever is none is passed over. */
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

/** What memory() tells. */
export interface MemoryInfo {
  /** Tensors made since the first call that were neither disposed of nor collected. */
  numTensors: number;
  /** Arrays that hold their values; tensors may share one. */
  numDataBuffers: number;
  /** Of those arrays. */
  numBytes: number;
  /** Always true, for the reasons given. */
  unreliable: true;
  /** In words. */
  reasons: string[];
}

/**
 * How many tensors there are that were made since the first call, and what they take: counting makes small tensors several times
 * as costly to make, so it begins with the first call. Models and what engines hold aren't among them.
 */
export function memory(): MemoryInfo {
  beginCounting();
  return {
    numTensors: counted.tensors,
    numDataBuffers: counted.arrays,
    numBytes: counted.bytes,
    unreliable: true,
    reasons: [
      'The garbage collector frees tensors, and tells of it later.',
      'Tensors made before the first call of memory() are not counted.',
    ],
  };
}
