import { expect, test } from 'vitest';
import { Job } from '../../../lib/program/reference-engine/job.js';

/** A job of three steps that logs its calls. */
function logged(log: string[]): Job<string> {
  return new Job(
    (function* () {
      log.push('checks');
      yield;
      log.push('first');
      yield;
      log.push('second');
      return 'done';
    })(),
  );
}

test('checks at once, and runs only on request', async () => {
  const log: string[] = [];
  const job = logged(log);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(log).toEqual(['checks']);
  expect(job.wait()).toBe('done');
  expect(log).toEqual(['checks', 'first', 'second']);
});

test('runs once, whether synchronously or not', async () => {
  const log: string[] = [];
  const job = logged(log);
  const promise = job.promise;
  expect(log).toEqual(['checks']);
  expect(job.wait()).toBe('done');
  expect(await promise).toBe('done');
  expect(await job.promise).toBe('done');
  expect(job.wait()).toBe('done');
  expect(log).toEqual(['checks', 'first', 'second']);
});

test('lets the event loop run', async () => {
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  const job = new Job<boolean>(
    (function* () {
      while (!turned) yield;
      return turned;
    })(),
  );
  expect(await job.promise).toBe(true);
});

test('keeps its error until it is awaited', async () => {
  const error = new Error('no');
  const failed = new Job<never>(
    (function* () {
      yield;
      throw error;
    })(),
  );
  expect(() => failed.wait()).toThrow(error);
  await expect(failed.promise).rejects.toBe(error);
});
