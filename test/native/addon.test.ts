import { expect, test } from 'vitest';
import { resultOf } from './child.js';

// The addon itself, without the TypeScript in front of it: whatever it is called with, JavaScript errors come of it and nothing else.

test('calls with missing or wrong arguments throw', async () => {
  const outcomes = await resultOf(async (_, { addon, print }) => {
    const { Nodes, Program, Samples, info, setThreads, setMemoryBudget, measurePeak, measureCopy } = addon;
    const description = addon.description();
    const program = new Program(description);
    const nodes = new Nodes();
    const samples = new Samples([2, 4], 'float32');
    const targets = new Samples([2], 'int32');
    const job = program.snapshot(null, null);
    await job.promise();
    const Job = job.constructor;
    const order = new Uint32Array(2);
    const calls: [string, () => unknown][] = [
      ['Program without new', () => Program(description)],
      ['Samples without new', () => Samples([2, 4], 'float32')],
      ['a program of nothing', () => new Program()],
      ['a program of another version', () => new Program({ ...description, version: 2 })],
      ['a program without a graph', () => new Program({ version: 1 })],
      [
        'a value of three numbers',
        () => new Program({ ...description, graph: { ...description.graph, outputs: [[5, 0, 0]] } }),
      ],
      ['a program of no nodes', () => new Program({ version: 1, graph: { nodes: [] } })],
      ['nodes with holes', () => new Program({ version: 1, graph: { nodes: new Array(3) } })],
      ['a million holes', () => new Program({ version: 1, graph: { nodes: new Array(1_000_000) } })],
      ['a program that shares with an object', () => new Program(description, {})],
      ['a program of nodes that are an object', () => new Program(description, undefined, {})],
      ['a program of no nodes that were added', () => new Program(description, undefined, nodes)],
      ['Nodes without new', () => Nodes()],
      ['nodes of nothing', () => nodes.add()],
      ['a node that is a number', () => nodes.add([1])],
      ['a program that shares with samples', () => new Program(description, samples)],
      ['a program that shares with null', () => new Program(description, null)],
      [
        'a program that shares with another model',
        () => new Program({ version: 1, graph: { nodes: [description.graph.nodes[0]] } }, program),
      ],
      [
        'a program that shares with one let go',
        () => {
          const other = new Program(description);
          other.release();
          return new Program(description, other);
        },
      ],
      [
        'a result that was given out',
        () => {
          const done = program.snapshot(null, null);
          done.wait();
          return done.wait();
        },
      ],
      [
        'two promises of a job',
        () => {
          const twice = program.snapshot(null, null);
          twice.promise();
          return twice.promise();
        },
      ],
      ['a job made by hand', () => new Job()],
      ['a job of an object', () => new Job({})],
      ['samples of nothing', () => new Samples()],
      ['samples of NaN', () => new Samples([Number.NaN, 4], 'float32')],
      ['samples of -1', () => new Samples([-1, 4], 'float32')],
      ['samples of 1e300', () => new Samples([1e300, 4], 'float32')],
      ['samples of 2^31 times 2^31', () => new Samples([2 ** 31 - 1, 2 ** 31 - 1], 'float32')],
      ['samples of many axes', () => new Samples(new Array(1000).fill(1), 'float32')],
      ['samples of float64', () => new Samples([2, 4], 'float64')],
      ['write of nothing', () => samples.write()],
      ['write of another type', () => samples.write(new Uint8Array(2), 0)],
      ['write past the end', () => samples.write(new Float32Array(2), 7)],
      ['write at 2^52', () => samples.write(new Float32Array(2), 2 ** 52)],
      ['write at -1', () => samples.write(new Float32Array(2), -1)],
      ['train with nothing', () => program.train()],
      ['train on objects', () => program.train(2, {}, {}, null, order, 1)],
      ['train on a program', () => program.train(2, [program], [program], null, order, 1)],
      ['train on a proxy', () => program.train(2, [new Proxy(samples, {})], [targets], null, order, 1)],
      ['train on heirs', () => program.train(2, [Object.create(samples)], [targets], null, order, 1)],
      ['train with a batch of 0', () => program.train(0, [samples], [targets], null, order, 1)],
      ['train with no order', () => program.train(2, [samples], [targets], null, [0, 1], 1)],
      ['train with a seed of 1e300', () => program.train(2, [samples], [targets], null, order, 1e300)],
      ['evaluate with nothing', () => program.evaluate()],
      ['evaluate with targets for samples', () => program.evaluate(2, [targets], [targets], null)],
      ['evaluate with no samples at all', () => program.evaluate(2, [], [], null)],
      ['evaluate with targets for weights', () => program.evaluate(2, [samples], [targets], [targets])],
      ['gradients with nothing', () => program.gradients()],
      ['gradients without a seed', () => program.gradients(2, [samples], [targets], null)],
      ['update with nothing', () => program.update()],
      ['update with holes', () => program.update(new Array(4))],
      ['predict with nothing', () => program.predict()],
      ['predict a batch of NaN', () => program.predict(Number.NaN, [samples])],
      ['runHere with nothing', () => program.runHere()],
      ['runHere with 2^40 samples', () => program.runHere([new Float32Array(8)], 2 ** 40)],
      ['write nothing', () => program.write()],
      ['write holes', () => program.write(new Array(4))],
      ['predict to nothing', () => program.predict(2, [samples], 0)],
      ['predict to short arrays', () => program.predict(2, [samples], 0, [new Float32Array(1)])],
      ['predict to other arrays', () => program.predict(2, [samples], 0, [new Int32Array(100)])],
      ['snapshot to nothing', () => program.snapshot()],
      ['snapshot to holes', () => program.snapshot(new Array(4), null)],
      ['snapshot to one slot', () => program.snapshot(null, [[]])],
      ['read to nothing', () => program.read()],
      ['read to short arrays', () => program.read([new Float32Array(1)], null)],
      ['stage nothing', () => program.writeStaged()],
      ['stage arrays', () => program.writeStaged([new Float32Array(4)], null, null)],
      ['stage targets', () => program.writeStaged([targets], null, null)],
      ['stage no slots', () => program.writeStaged(null, 1, null)],
      ['a memory budget of nothing', () => setMemoryBudget()],
      ['a memory budget of -1', () => setMemoryBudget(-1)],
      ['a rate of nothing', () => program.setLearningRate()],
      ['a rate of a symbol', () => program.setLearningRate(Symbol('rate'))],
      ['explain nothing', () => program.explain()],
      ['explain a number', () => program.explain(1, 1)],
      ['explain a batch of -1', () => program.explain('train', -1)],
      ['explain no batch', () => program.explain('train')],
      ['profile with nothing', () => program.profile()],
      ['measure with nothing', () => measurePeak()],
      ['measure with 1e9 threads', () => measurePeak(1e9, 1)],
      ['measure 1e9 times', () => measureCopy(1, 1e9)],
      ['measure 0 times', () => measureCopy(1, 0)],
      ['no threads', () => setThreads()],
      ['0 threads', () => setThreads(0)],
      ['1e300 threads', () => setThreads(1e300)],
      ...Object.entries({ program, samples, nodes, job, other: {} }).flatMap(([name, other]) =>
        [Program, Samples, Nodes, Job].flatMap(({ prototype }) =>
          Object.getOwnPropertyNames(prototype)
            .filter((method) => method !== 'constructor' && !(other instanceof prototype.constructor))
            .map((method): [string, () => unknown] => [
              `${method} of ${name}`,
              () => prototype[method].call(other, 2, [samples], [targets], null, order, 1),
            ]),
        ),
      ),
    ];
    const unrefused = calls.filter(([, call]) => {
      try {
        call();
        return true;
      } catch (error) {
        return !(error instanceof Error);
      }
    });
    print({ calls: calls.length, unrefused: unrefused.map(([name]) => name), isa: typeof info().isa });
  });
  expect(outcomes).toEqual({ calls: expect.any(Number), unrefused: [], isa: 'string' });
  expect((outcomes as { calls: number }).calls).toBeGreaterThan(60);
});

test('getters and conversions may throw, dispose of the model or detach its arrays', async () => {
  const outcomes = await resultOf(async (_, { addon, print }) => {
    const { Program } = addon;
    const outcome = (call: () => unknown) => {
      try {
        return `returned ${call()}`;
      } catch (error) {
        return (error as { code?: string }).code ?? (error as Error).message;
      }
    };
    const zeros = () => [32, 8, 24, 3].map((length) => new Float32Array(length));
    const thrower = {
      get: () => {
        throw new Error('mine');
      },
    };
    const program = new Program(addon.description());
    const results: Record<string, string> = {
      description: outcome(() => new Program(new Proxy({}, thrower))),
      'a node': outcome(() => new Program({ version: 1, graph: { nodes: [new Proxy({}, thrower)] } })),
      slots: outcome(() => program.writeStaged(null, 1, Object.defineProperty([], 0, thrower))),
      'a rate': outcome(() => program.setLearningRate({ valueOf: thrower.get })),
    };
    for (let i = 0; i < 50; i++) {
      const rated = new Program(addon.description());
      results['a rate that disposes'] = outcome(() =>
        rated.setLearningRate({
          valueOf() {
            rated.dispose();
            return 1;
          },
        }),
      );
      const slotted = new Program(addon.description());
      const slots: unknown[] = [];
      Object.defineProperty(slots, 0, {
        get() {
          slotted.dispose();
          return [];
        },
      });
      results['slots that dispose'] = outcome(() => slotted.writeStaged(null, 3, slots));
      const taken = new Program(addon.description());
      const weights = zeros();
      const first = new Float32Array(32).fill(7);
      const last = weights[3];
      Object.defineProperty(weights, 0, { value: first });
      Object.defineProperty(weights, 3, {
        get() {
          structuredClone(first.buffer, { transfer: [first.buffer] });
          return last;
        },
      });
      results['weights that are taken away'] = outcome(() => taken.write(weights));
      const read = new Program(addon.description());
      const places = zeros();
      Object.defineProperty(places, 1, {
        get() {
          read.dispose();
          return new Float32Array(8);
        },
      });
      results['places that dispose'] = outcome(() => read.read(places, null));
    }
    print(results);
  });
  expect(outcomes).toEqual({
    description: 'mine',
    'a node': 'mine',
    slots: 'mine',
    'a rate': 'INVALID_ARGUMENT',
    'a rate that disposes': 'INVALID_ARGUMENT',
    'slots that dispose': 'SHAPE_MISMATCH',
    'weights that are taken away': 'SHAPE_MISMATCH',
    'places that dispose': 'returned 0',
  });
});

test("thousands of calls with random arguments don't crash", async () => {
  const outcomes = await resultOf(async (_, { addon, print }) => {
    let state = 12345;
    const random = (bound: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * bound);
    };
    const { Program, Samples } = addon;
    const program = new Program(addon.description());
    const x = new Samples([2, 4], 'float32');
    const y = new Samples([2], 'int32');
    const values: (() => unknown)[] = [
      ...[
        undefined,
        null,
        true,
        'float32',
        '',
        0,
        1,
        2,
        -1,
        0.5,
        Number.NaN,
        1e300,
        -1e300,
        2 ** 31,
        2 ** 53,
      ],
      ...[Symbol('s'), 7n, [], [2, 4], [Number.NaN], new Array(5), {}, { length: 3 }],
      ...[[x], [y], [x, y], [new Float32Array(8)]],
      ...[new Float32Array(8), new Uint32Array([0, 1]), new Uint32Array([9]), new Uint8Array(3)],
      ...[new DataView(new ArrayBuffer(4)), new SharedArrayBuffer(8)],
      ...[x, y, program, Program, () => 1, new Proxy([], {}), [32, 8, 24, 3].map((n) => new Float32Array(n))],
    ].map((value) => () => value);
    values.push(() => addon.description());
    const some = () => values[random(values.length)]();

    /** The description with one thing in it replaced, removed or repeated. */
    const damaged = () => {
      const description = addon.description();
      let [parent, key] = [{ description } as Record<string, unknown>, 'description'];
      for (let depth = 1 + random(7); depth > 0; depth--) {
        const value = parent[key];
        if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) break;
        parent = value as Record<string, unknown>;
        key = Object.keys(parent)[random(Object.keys(parent).length)];
      }
      if (random(4) === 0) delete parent[key];
      else parent[key] = some();
      return description;
    };
    const counts = { done: 0, refused: 0, other: 0 };
    const pending: Promise<unknown>[] = [];
    const attempt = (call: () => unknown) => {
      try {
        const result = call() as { promise?(): Promise<unknown> } | undefined;
        if (typeof result?.promise === 'function') pending.push(result.promise().catch(() => undefined));
        counts.done++;
      } catch (error) {
        if (error instanceof Error) counts.refused++;
        else counts.other++;
      }
    };
    const methods = [
      'train',
      'evaluate',
      'predict',
      'runHere',
      'gradients',
      'update',
      'write',
      'setLearningRate',
      'read',
      'snapshot',
      'writeStaged',
      'valueGradients',
      'explain',
    ];
    for (let i = 0; i < 6000; i++) {
      const kind = random(4);
      if (kind === 0) attempt(() => new Program(damaged()));
      else if (kind === 1) attempt(() => new Samples(some(), some()).write(some(), some()));
      else {
        const args = Array.from({ length: random(7) }, some);
        // Half of the calls get past the first checks.
        if (random(2)) args.splice(0, 4, 2, [x], [y], null);
        attempt(() => program[methods[random(methods.length)]](...args));
      }
      if (i % 100 === 0) await Promise.all(pending.splice(0));
    }
    await Promise.all(pending);
    const outputs = [new Float32Array(6)];
    await program.predict(2, [x], 0, outputs).promise();
    print({ ...counts, outputs: outputs[0].length });
  });
  const { done, refused, other, outputs } = outcomes as Record<string, number>;
  expect(outputs).toBe(6);
  expect(other).toBe(0);
  expect(done).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(3000);
});
