import { expect } from 'vitest';
import { ConvforgeError, type ErrorCode } from '../../lib/errors.js';

/** Expects `action` to throw or reject with a ConvforgeError of this code whose message matches. */
export async function expectError(
  action: () => unknown,
  code: ErrorCode,
  message: RegExp = /./,
): Promise<ConvforgeError> {
  let caught: unknown;
  try {
    await action();
  } catch (error) {
    caught = error;
  }
  expect(caught, 'nothing was thrown').toBeInstanceOf(ConvforgeError);
  const error = caught as ConvforgeError;
  expect({ code: error.code, message: error.message }).toEqual({
    code,
    message: expect.stringMatching(message),
  });
  return error;
}
