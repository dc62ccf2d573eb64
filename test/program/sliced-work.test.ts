import { expect, test } from 'vitest';
import { SlicedWork } from '../../lib/program/sliced-work.js';

/** A job of three steps that logs its calls. */
function logged(log: string[]): SlicedWork<string> {
  return new SlicedWork(
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
  const job = new SlicedWork<boolean>(
    (function* () {
      while (!turned) yield;
      return turned;
    })(),
  );
  expect(await job.promise).toBe(true);
});

test('keeps its error until it is awaited', async () => {
  const error = new Error('no');
  const failed = new SlicedWork<never>(
    (function* () {
      yield;
      throw error;
    })(),
  );
  expect(() => failed.wait()).toThrow(error);
  await expect(failed.promise).rejects.toBe(error);
});

test('tells of its result before anybody gets it', () => {
  const work = logged([]);
  const seen: boolean[] = [];
  work.onResult(() => seen.push(work.isRunning));
  work.wait();
  expect(seen).toEqual([false]);
});

test('is running only during a step', () => {
  const seen: boolean[] = [];
  const works: SlicedWork<void>[] = [];
  function* steps(): Generator<void, void> {
    yield;
    seen.push(works[0].isRunning);
  }
  works.push(new SlicedWork(steps()));
  expect(works[0].isRunning).toBe(false);
  works[0].wait();
  expect(seen).toEqual([true]);
});

test('gives up with an error, and ends its generator', async () => {
  const log: string[] = [];
  const work = new SlicedWork<void>(
    (function* () {
      try {
        yield;
        log.push('never');
      } finally {
        log.push('ended');
      }
    })(),
  );
  work.cancel(new Error('enough'));
  await expect(work.promise).rejects.toThrow('enough');
  expect(() => work.wait()).toThrow('enough');
  expect(log).toEqual(['ended']);
});
