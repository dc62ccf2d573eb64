import { expect, test } from 'vitest';
import { resultOf } from './child.js';

// Callers change their own memory while a job reads its copy.

test('a buffer may be transferred after the call', async () => {
  const result = await resultOf(async ({ tensor }, { network, images, hash, print }) => {
    const own = (count: number) => {
      const { x, y } = images(count);
      return { values: x.dataSync().slice() as Float32Array<ArrayBuffer>, y };
    };
    const run = async (take: (buffer: ArrayBuffer) => void) => {
      const { values, y } = own(50);
      const model = network();
      const call = <T>(start: (x: typeof y) => PromiseLike<T>) => {
        const mine = values.slice();
        const pending = start(tensor(mine, [50, 12, 12, 1]));
        take(mine.buffer);
        return pending;
      };
      const outputs = await call((x) => model.predict(x, { batchSize: 3 }));
      const scores = await call((x) => model.evaluate(x, y, { batchSize: 3 }));
      return hash(
        outputs.dataSync(),
        [scores].flat().map((score) => (score as typeof y).dataSync()[0]),
      );
    };
    print({
      left: await run(() => undefined),
      cloned: await run((buffer) => void structuredClone(buffer, { transfer: [buffer] })),
      posted: await run((buffer) => new MessageChannel().port1.postMessage(buffer, [buffer])),
      filled: await run((buffer) => new Float32Array(buffer).fill(9)),
    });
  });
  const { left, ...taken } = result as Record<string, string>;
  expect(taken).toEqual({ cloned: left, posted: left, filled: left });
});

/**
 * fit copies 8 MB at a time, with turns of the event loop in between. A tensor of resizable memory is already
 * a copy.
 */
test('a buffer may be transferred or resized while fit copies it', async () => {
  const outcomes = await resultOf(async ({ tensor }, { network, images, print }) => {
    const count = 20_000;
    const { x, y } = images(count);
    const bytes = x.size * 4;
    const outcome = async (buffer: ArrayBuffer, take: () => void) => {
      const values = new Float32Array(buffer);
      values.set(x.dataSync());
      const given = tensor(values, x.shape);
      const training = network().fit(given, y, { verbose: 0, batchSize: 512, seed: 1 });
      const ended = training.then(
        ({ history }) => history.loss[0],
        ({ code, message }) => `${code}: ${message}`,
      );
      take();
      return ended;
    };
    type Resizable = ArrayBuffer & { resize(bytes: number): void };
    const make = ArrayBuffer as unknown as new (
      bytes: number,
      options: { maxByteLength: number },
    ) => Resizable;
    const [plain, transferred] = [new ArrayBuffer(bytes), new ArrayBuffer(bytes)];
    const [shrunk, grown] = [0, 1].map(() => new make(bytes, { maxByteLength: 2 * bytes }));
    print({
      left: await outcome(plain, () => undefined),
      transferred: await outcome(
        transferred,
        () => void structuredClone(transferred, { transfer: [transferred] }),
      ),
      shrunk: await outcome(shrunk, () => shrunk.resize(16)),
      grown: await outcome(grown, () => grown.resize(2 * bytes)),
    });
  });
  const { left } = outcomes as { left: number };
  expect(left).toBeGreaterThan(0);
  expect(outcomes).toEqual({
    left,
    transferred: expect.stringMatching(/^BUFFER_DETACHED: x: its buffer was transferred or shrunk/),
    shrunk: left,
    grown: left,
  });
});

test('a buffer transferred before the call is refused', async () => {
  const codes = await resultOf(async ({ tensor }, { network, images, print }) => {
    const codes: unknown[] = [];
    const { x, y } = images(20);
    const model = network();
    const calls = [
      (gone: typeof x) => model.fit(gone, y, { verbose: 0 }),
      (gone: typeof x) => model.predict(gone),
      (gone: typeof x) => model.evaluate(gone, y),
      (gone: typeof x) => model.trainOnBatch(gone, y),
    ];
    for (const call of calls) {
      const values = x.dataSync().slice() as Float32Array<ArrayBuffer>;
      const gone = tensor(values, x.shape);
      structuredClone(values.buffer, { transfer: [values.buffer] });
      try {
        await call(gone);
        codes.push('no error');
      } catch (error) {
        codes.push((error as { code: string }).code);
      }
    }
    print(codes);
  });
  expect(codes).toEqual(Array(4).fill('BUFFER_DETACHED'));
});

test('shared and resizable buffers are accepted as input', async () => {
  const hashes = await resultOf(async ({ tensor }, { network, images, hash, print }) => {
    const { x, y } = images(40);
    const bytes = x.size * 4;
    const make = ArrayBuffer as unknown as new (
      bytes: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer;
    const hashes: string[] = [];
    for (const buffer of [
      new ArrayBuffer(bytes),
      new SharedArrayBuffer(bytes),
      new make(bytes, { maxByteLength: bytes * 2 }),
    ]) {
      const values = new Float32Array(buffer);
      values.set(x.dataSync());
      const given = tensor(values, x.shape);
      const model = network();
      const { history } = await model.fit(given, y, { verbose: 0, seed: 1, epochs: 2 });
      hashes.push(hash((await model.predict(given)).dataSync(), history.loss));
    }
    print(hashes);
  });
  const [plain, ...others] = hashes as string[];
  expect(others).toEqual([plain, plain]);
});
