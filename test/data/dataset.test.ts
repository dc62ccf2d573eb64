import { describe, expect, expectTypeOf, it } from 'vitest';
import { data, setSeed, type Tensor, tensor } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';

const numbers = (count: number) => data.array(Array.from({ length: count }, (_, i) => i));

/** A dataset that counts the elements read and records whether it was closed. */
function watched(count: number) {
  const seen = { read: 0, closed: 0, passes: 0 };
  const dataset = data.generator(function* () {
    seen.passes++;
    try {
      for (let i = 0; i < count; i++) {
        seen.read++;
        yield i;
      }
    } finally {
      seen.closed++;
    }
  });
  return { dataset, seen };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('sources', () => {
  it('array takes arrays of anything, and typed arrays', async () => {
    expect(await data.array(['a', 'b']).toArray()).toEqual(['a', 'b']);
    expect(await data.array(Float32Array.of(0.5, 2)).toArray()).toEqual([0.5, 2]);
    expect(data.array([1, 2, 3]).size).toBe(3);
    await expectError(
      () => data.array('abc' as never),
      'INVALID_ARGUMENT',
      /data\.array: 'abc' is not a list/,
    );
  });

  it('generator calls its function for each pass', async () => {
    const { dataset, seen } = watched(3);
    expect(dataset.size).toBeNull();
    expect(await dataset.toArray()).toEqual([0, 1, 2]);
    expect(await dataset.toArray()).toEqual([0, 1, 2]);
    expect(seen).toEqual({ read: 6, closed: 2, passes: 2 });
  });

  it('generators may be async, plain iterators, or promises of one', async () => {
    const slow = data.generator(async function* () {
      yield 1;
      await turn();
      yield 2;
    });
    expect(await slow.toArray()).toEqual([1, 2]);
    const plain = data.generator(() => {
      let i = 0;
      return { next: () => (i < 2 ? { done: false, value: i++ } : { done: true, value: undefined }) };
    });
    expect(await plain.toArray()).toEqual([0, 1]);
    expect(await data.generator(async () => [7, 8]).toArray()).toEqual([7, 8]);
  });

  it('generator refuses other values', async () => {
    await expectError(() => data.generator([1] as never), 'INVALID_ARGUMENT', /is not a function/);
    const nothing = data.generator((() => 5) as never);
    await expectError(() => nothing.toArray(), 'INVALID_ARGUMENT', /returned 5; it must be a generator/);
  });

  it('lets timers and signals run while elements are available synchronously', async () => {
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    const endless = data.generator(function* () {
      for (let i = 0; !fired; i++) yield i;
    });
    await endless.forEachAsync(() => undefined);
    expect(fired).toBe(true);
  });

  it('zip combines lists and objects of datasets, up to the shortest', async () => {
    const zipped = data.zip({ xs: numbers(3), ys: [data.array(['a', 'b']), numbers(9)] as const });
    expectTypeOf(zipped).toEqualTypeOf<data.Dataset<{ xs: number; ys: [string, number] }>>();
    expect(zipped.size).toBe(2);
    expect(await zipped.toArray()).toEqual([
      { xs: 0, ys: ['a', 0] },
      { xs: 1, ys: ['b', 1] },
    ]);
    await expectError(() => data.zip([]), 'INVALID_ARGUMENT', /there are no datasets/);
    await expectError(() => data.zip({ xs: [1] } as never), 'INVALID_ARGUMENT', /1 is not a dataset/);
  });

  it('zip closes the iterators of longer datasets', async () => {
    const { dataset, seen } = watched(10);
    await data.zip([dataset, numbers(2)]).toArray();
    expect(seen.closed).toBe(1);
  });
});

describe('stages', () => {
  it('map and mapAsync transform elements', async () => {
    expect(
      await numbers(3)
        .map((i) => i * 2)
        .toArray(),
    ).toEqual([0, 2, 4]);
    const slow = numbers(3).mapAsync(async (i) => {
      await turn();
      return `${i}`;
    });
    expectTypeOf(slow).toEqualTypeOf<data.Dataset<string>>();
    expect(await slow.toArray()).toEqual(['0', '1', '2']);
    await expectError(
      () => numbers(1).map(3 as never),
      'INVALID_ARGUMENT',
      /dataset\.map: 3 is not a function/,
    );
  });

  it('filter, take, skip and concatenate select elements', async () => {
    expect(
      await numbers(6)
        .filter((i) => i % 2 === 1)
        .toArray(),
    ).toEqual([1, 3, 5]);
    expect(await numbers(4).take(2).toArray()).toEqual([0, 1]);
    expect(await numbers(4).take(0).toArray()).toEqual([]);
    expect(await numbers(4).take(-1).toArray()).toEqual([0, 1, 2, 3]);
    expect(await numbers(4).take(9).toArray()).toEqual([0, 1, 2, 3]);
    expect(await numbers(4).skip(3).toArray()).toEqual([3]);
    expect(await numbers(4).skip(5).toArray()).toEqual([]);
    expect(await numbers(2).concatenate(numbers(1)).toArray()).toEqual([0, 1, 0]);
  });

  it('shard deals elements out to the parts in turn', async () => {
    const parts = [0, 1, 2].map((index) => numbers(8).shard(3, index));
    expect(await Promise.all(parts.map((part) => part.toArray()))).toEqual([
      [0, 3, 6],
      [1, 4, 7],
      [2, 5],
    ]);
    expect(parts.map(({ size }) => size)).toEqual([3, 3, 2]);
    expect([numbers(1).shard(3, 2).size, numbers(8).repeat().shard(3, 2).size]).toEqual([0, Infinity]);
  });

  it('take reads no more than its count, and closes its source', async () => {
    const { dataset, seen } = watched(10);
    await dataset.take(3).toArray();
    expect(seen).toEqual({ read: 3, closed: 1, passes: 1 });
  });

  it('a loop that breaks closes the source through all stages', async () => {
    const { dataset, seen } = watched(10);
    for await (const element of dataset
      .map((i) => i)
      .skip(1)
      .shuffle(2, 1)
      .batch(2)
      .prefetch(1)) {
      expect(element.shape).toEqual([2]);
      break;
    }
    expect(seen.closed).toBe(1);
  });

  it('repeat is endless by default, except over an empty dataset', async () => {
    expect(await numbers(2).repeat(2).toArray()).toEqual([0, 1, 0, 1]);
    expect(await numbers(2).repeat(0).toArray()).toEqual([]);
    expect(await numbers(2).repeat().take(5).toArray()).toEqual([0, 1, 0, 1, 0]);
    expect(await watched(0).dataset.repeat().toArray()).toEqual([]);
    await expectError(() => numbers(2).repeat().toArray(), 'INVALID_ARGUMENT', /never ends/);
  });

  it('cache reads its source once if it is read to the end', async () => {
    const { dataset, seen } = watched(3);
    const cached = dataset.cache();
    await cached.take(1).toArray();
    expect(await cached.toArray()).toEqual([0, 1, 2]);
    expect(await cached.toArray()).toEqual([0, 1, 2]);
    expect(await cached.shuffle(3, 1).batch(3).toArray()).toHaveLength(1);
    expect(seen.passes).toBe(2);
  });

  it('size is known where it can be derived', () => {
    const unknown = watched(3).dataset;
    const sizes = [
      numbers(10).batch(4),
      numbers(10).batch(4, false),
      numbers(10).skip(8),
      numbers(10).skip(12),
      numbers(10).take(3),
      numbers(10).repeat(3),
      numbers(10).repeat(),
      numbers(10).repeat().take(4),
      numbers(10)
        .map((i) => i)
        .shuffle(3)
        .prefetch(2)
        .cache(),
      numbers(10).concatenate(numbers(5)),
      numbers(10).filter(() => true),
      unknown.batch(2),
      unknown.take(0),
      unknown.take(2),
    ].map(({ size }) => size);
    expect(sizes).toEqual([3, 2, 2, 0, 3, 30, Infinity, 4, 10, 15, null, null, 0, null]);
  });

  it('refuse invalid counts', async () => {
    const refused: [() => unknown, RegExp][] = [
      [() => numbers(2).batch(0), /dataset\.batch: batchSize is 0/],
      [() => numbers(2).batch(1.5), /batchSize is 1\.5/],
      [() => numbers(2).batch(2, 'no' as never), /smallLastBatch is 'no'/],
      [() => numbers(2).shuffle(0), /dataset\.shuffle: bufferSize is 0/],
      [() => numbers(2).shuffle(2, -1), /seed is -1/],
      [() => numbers(2).prefetch(Number.NaN), /dataset\.prefetch: bufferSize is NaN/],
      [() => numbers(2).take(-2), /dataset\.take: count is -2/],
      [() => numbers(2).skip(-1), /dataset\.skip: count is -1/],
      [() => numbers(2).shard(0, 0), /dataset\.shard: count is 0/],
      [() => numbers(2).shard(2, 2), /dataset\.shard: index is 2; it must be in \[0, 2\)/],
      [() => numbers(2).repeat(0.5), /dataset\.repeat: count is 0\.5/],
      [() => numbers(2).concatenate([1] as never), /dataset\.concatenate: .* is not a dataset/],
      [
        () => numbers(2).forEachAsync(undefined as never),
        /dataset\.forEachAsync: undefined is not a function/,
      ],
    ];
    for (const [action, message] of refused) await expectError(action, 'INVALID_ARGUMENT', message);
  });

  it('errors of generators and maps are rethrown unchanged at their element', async () => {
    const broken = data.generator(function* () {
      yield 1;
      throw new Error('the camera is off');
    });
    const seen: number[] = [];
    const read = (dataset: data.Dataset<number>) => dataset.forEachAsync((i) => seen.push(i));
    await expect(read(broken.prefetch(4))).rejects.toThrow('the camera is off');
    expect(seen).toEqual([1]);
    const odd = numbers(3).map(async (i) => {
      if (i === 1) throw new RangeError('no 1');
      return i;
    });
    await expect(odd.toArray()).rejects.toThrow(RangeError);
  });

  it("iterator() has TF.js's next()", async () => {
    const iterator = await numbers(1).iterator();
    expect(await iterator.next()).toEqual({ done: false, value: 0 });
    expect((await iterator.next()).done).toBe(true);
  });
});

describe('shuffle', () => {
  it('yields each element once, in an order that depends on seed and pass', async () => {
    const dataset = numbers(20).shuffle(20, 5);
    const first = await dataset.toArray();
    const second = await dataset.toArray();
    expect([...first].sort((a, b) => a - b)).toEqual(await numbers(20).toArray());
    expect(first).not.toEqual(await numbers(20).toArray());
    expect(second).not.toEqual(first);
    const again = numbers(20).shuffle(20, 5);
    expect(await again.toArray()).toEqual(first);
    expect(await again.toArray()).toEqual(second);
    expect(await numbers(20).shuffle(20, 6).toArray()).not.toEqual(first);
  });

  it('keeps one order with reshuffleEachIteration: false', async () => {
    const dataset = numbers(20).shuffle(20, 5, false);
    expect(await dataset.toArray()).toEqual(await dataset.toArray());
  });

  it('takes its seed from the global generator', async () => {
    const run = () => {
      setSeed(3);
      return numbers(20).shuffle(20).toArray();
    };
    expect(await run()).toEqual(await run());
  });

  it("moves no element ahead by more than the buffer's size", async () => {
    const order = await numbers(100).shuffle(4, 1).toArray();
    expect(new Set(order).size).toBe(100);
    for (const [place, element] of order.entries()) expect(element).toBeLessThan(place + 4);
    expect(await numbers(5).shuffle(1, 1).toArray()).toEqual([0, 1, 2, 3, 4]);
  });

  it('shuffles each round of a repeat and each pass differently', async () => {
    const dataset = numbers(20).shuffle(20, 5).repeat(2);
    const orders = [...(await dataset.toArray()), ...(await dataset.toArray())].map(String);
    const rounds = [0, 20, 40, 60].map((start) => orders.slice(start, start + 20).join());
    expect(new Set(rounds).size).toBe(4);
  });

  it('yields all orders of three elements about equally often', async () => {
    const counts = new Map<string, number>();
    const dataset = numbers(3).shuffle(3, 9);
    for (let i = 0; i < 600; i++) {
      const order = (await dataset.toArray()).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // The expected count is 100 each, with a standard deviation of 9.
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(40);
  });
});

describe('prefetch', () => {
  it("reads ahead while the consumer is busy, up to its buffer's size", async () => {
    const { dataset, seen } = watched(10);
    const elements = dataset.prefetch(3)[Symbol.asyncIterator]();
    expect(seen.read).toBe(0);
    expect((await elements.next()).value).toBe(0);
    for (let i = 0; i < 20; i++) await turn();
    expect(seen.read).toBe(4);
    expect((await elements.next()).value).toBe(1);
    for (let i = 0; i < 20; i++) await turn();
    expect(seen.read).toBe(5);
    await elements.return();
    expect(seen).toEqual({ read: 5, closed: 1, passes: 1 });
  });

  it('yields all elements in order', async () => {
    expect(await numbers(7).prefetch(3).toArray()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await numbers(2).prefetch(30).toArray()).toEqual([0, 1]);
    expect(await numbers(0).prefetch(1).toArray()).toEqual([]);
  });
});

describe('batch', () => {
  const shown = (value: Tensor) => [value.dtype, value.shape, Array.from(value.dataSync())];

  it('stacks numbers, arrays, typed arrays and tensors', async () => {
    const [first, last] = await numbers(5).batch(3).toArray();
    expect(shown(first)).toEqual(['float32', [3], [0, 1, 2]]);
    expect(shown(last)).toEqual(['float32', [2], [3, 4]]);
    const [nested] = await data
      .array([[[1, 2]], [[3, 4]]])
      .batch(2)
      .toArray();
    expect(shown(nested)).toEqual(['float32', [2, 1, 2], [1, 2, 3, 4]]);
    const [bytes] = await data
      .array([Uint8Array.of(1, 2), Uint8Array.of(3, 4)])
      .batch(2)
      .toArray();
    expect(shown(bytes)).toEqual(['uint8', [2, 2], [1, 2, 3, 4]]);
    const whole = tensor([[1], [2]], [2, 1], 'int32');
    const [tensors] = await data.array([whole, whole]).batch(2).toArray();
    expect(shown(tensors)).toEqual(['int32', [2, 2, 1], [1, 2, 1, 2]]);
  });

  it('batches objects and lists of tensors per value, and collects strings in lists', async () => {
    const element = (i: number) => ({
      xs: { a: [i, i], name: `n${i}` },
      ys: [tensor([i]), tensor([[i]])],
    });
    const [batch] = await numbers(2).map(element).batch(2).toArray();
    expect(shown(batch.xs.a)).toEqual(['float32', [2, 2], [0, 0, 1, 1]]);
    expect(batch.xs.name).toEqual(['n0', 'n1']);
    expect(batch.ys.map((each) => each.shape)).toEqual([
      [2, 1],
      [2, 1, 1],
    ]);
    expectTypeOf(batch.xs).toEqualTypeOf<{ a: Tensor; name: string[] }>();
    expectTypeOf(batch.ys).toEqualTypeOf<Tensor[]>();
  });

  it('drops a smaller last batch with smallLastBatch: false', async () => {
    const batches = await numbers(5).batch(2, false).toArray();
    expect(batches.map(({ shape }) => shape)).toEqual([[2], [2]]);
  });

  it('names the element of another shape or type', async () => {
    const batched = (elements: unknown[]) => () => data.array(elements).batch(2).toArray();
    const three = [[1], [2], [3]];
    await expectError(
      batched([...three, [4, 5]]),
      'SHAPE_MISMATCH',
      /batch: element 3 is float32 of \[2\], but the batch began with float32 of \[1\]/,
    );
    await expectError(
      batched([{ xs: 1 }, { xs: 1, ys: 2 }]),
      'SHAPE_MISMATCH',
      /element 1 has xs, ys; the batch began with one that has xs\./,
    );
    await expectError(
      batched([{ xs: { age: 1 } }, { xs: { age: undefined } }]),
      'INVALID_ARGUMENT',
      /xs\.age of element 1 is undefined; .*default in columnConfigs/,
    );
    await expectError(
      batched(['a', 1]),
      'INVALID_ARGUMENT',
      /element 1 is 1, but the batch began with a string/,
    );
    await expectError(batched([{ xs: 1 }, 1]), 'SHAPE_MISMATCH', /element 1 is 1; the batch began/);
    await expectError(
      batched([[tensor([1])], [1]]),
      'SHAPE_MISMATCH',
      /\[0\] of element 1 is float32 of \[\]/,
    );
  });
});
