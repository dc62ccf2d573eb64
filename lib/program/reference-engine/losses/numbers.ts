import { ConvforgeError } from '../../../errors.js';

/** Throws INVALID_ARGUMENT unless `value` is finite and `fits`. `range` says in words what it must be. */
export function requireNumber(what: string, value: number, fits: boolean, range: string): void {
  if (Number.isFinite(value) && fits) return;
  throw new ConvforgeError('INVALID_ARGUMENT', `${what} is ${value}; it must be ${range}.`);
}
