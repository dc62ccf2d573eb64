import { expect, it } from 'vitest';
import { mappedAhead } from '../../lib/data/stages.js';

/** Numbers from 0, with a note when the reading ends. */
async function* numbers(count: number, log: string[]): AsyncGenerator<number, void, void> {
  try {
    for (let i = 0; i < count; i++) yield i;
  } finally {
    log.push('closed');
  }
}

/** Jobs that settle only when the test says so. */
class Jobs {
  readonly started: number[] = [];
  readonly settle = new Map<number, { resolve: (value: string) => void; reject: (error: Error) => void }>();

  readonly run = (element: number): Promise<string> => {
    this.started.push(element);
    return new Promise((resolve, reject) => this.settle.set(element, { resolve, reject }));
  };

  finish(...elements: number[]): void {
    for (const element of elements) this.settle.get(element)?.resolve(`done ${element}`);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('starts as many jobs as it may, and yields in order whatever ends first', async () => {
  const log: string[] = [];
  const jobs = new Jobs();
  const results = mappedAhead(numbers(5, log), jobs.run, 3);
  const first = results.next();
  await turn();
  expect(jobs.started).toEqual([0, 1, 2]);
  jobs.finish(2, 1);
  await turn();
  expect(jobs.started).toEqual([0, 1, 2]);
  jobs.finish(0);
  expect(await first).toEqual({ done: false, value: 'done 0' });
  await turn();
  // Nothing more starts while the consumer is busy.
  expect(jobs.started).toEqual([0, 1, 2]);
  expect((await results.next()).value).toBe('done 1');
  expect(jobs.started).toEqual([0, 1, 2, 3]);
  expect((await results.next()).value).toBe('done 2');
  jobs.finish(4, 3);
  expect((await results.next()).value).toBe('done 3');
  expect((await results.next()).value).toBe('done 4');
  expect((await results.next()).done).toBe(true);
  expect(log).toEqual(['closed']);
});

it('ends at once when the consumer stops, with jobs under way', async () => {
  const log: string[] = [];
  const jobs = new Jobs();
  const results = mappedAhead(numbers(100, log), jobs.run, 4);
  const first = results.next();
  await turn();
  jobs.finish(0);
  await first;
  expect(await results.return()).toEqual({ done: true, value: undefined });
  expect(log).toEqual(['closed']);
  // A later failure counts for nobody: an unhandled rejection would fail the test run.
  jobs.settle.get(1)?.reject(new Error('too late'));
  await turn();
  expect(jobs.started).toEqual([0, 1, 2, 3]);
});

it("throws an error in its element's place", async () => {
  const log: string[] = [];
  const jobs = new Jobs();
  const results = mappedAhead(numbers(100, log), jobs.run, 3);
  const first = results.next();
  await turn();
  jobs.settle.get(1)?.reject(new Error('element 1'));
  jobs.finish(0);
  expect((await first).value).toBe('done 0');
  await expect(results.next()).rejects.toThrow('element 1');
  expect(log).toEqual(['closed']);
  expect((await results.next()).done).toBe(true);
});
