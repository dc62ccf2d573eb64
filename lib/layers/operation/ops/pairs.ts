import type { Call } from '../call.js';

/** An attribute of two sizes from 1 up, [height, width]. */
export function pairOf(call: Call, name: string): [number, number] {
  const sizes = call.sizes(name).map((size) => call.known(name, size));
  return call.checks.pair(name, sizes);
}
