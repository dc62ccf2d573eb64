import type { TypedArray } from '../../lib/tensor/index.js';

type Thread = import('node:worker_threads').Worker;

export type Convforge = typeof import('../../lib/index.js');

/** What bodies of children and workers are given. It crosses as text itself (`source`), so it refers to nothing but its arguments. */
export function tools(require: NodeJS.Require, root: string, source: string) {
  const { createHash } = require('node:crypto') as typeof import('node:crypto');
  const { Worker, parentPort } = require('node:worker_threads') as typeof import('node:worker_threads');

  const self = {
    require,
    root,
    parentPort,
    /** Loaded on first use, so that a thread may leave the addon to its workers. */
    get convforge(): Convforge {
      return require(`${root}/dist/index.js`) as Convforge;
    },

    /** A small convolutional network for images [12, 12, 1] in 3 classes, the same weights each time. */
    network(seed = 7) {
      const { layers, sequential, setSeed } = self.convforge;
      setSeed(seed);
      const model = sequential({
        layers: [
          layers.conv2d({ filters: 9, kernelSize: 3, activation: 'relu', inputShape: [12, 12, 1] }),
          layers.maxPooling2d({ poolSize: 2 }),
          layers.dropout({ rate: 0.25 }),
          layers.flatten(),
          layers.dense({ units: 21, activation: 'tanh' }),
          layers.dense({ units: 3, activation: 'softmax' }),
        ],
      });
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
      return model;
    },

    /** Images for the network, and classes. */
    images(count: number) {
      const { tensor } = self.convforge;
      const x = Float32Array.from({ length: count * 144 }, (_, i) => ((i * 7919) % 1009) / 1009);
      const y = Int32Array.from({ length: count }, (_, i) => (i * 7) % 3);
      return { x: tensor(x, [count, 12, 12, 1]), y: tensor(y, [count], 'int32') };
    },

    /** A hash of what a network predicts when it has trained on 60 images for two epochs. */
    async hashOfTraining(): Promise<string> {
      const { x, y } = self.images(60);
      const model = self.network();
      await model.fit(x, y, { verbose: 0, seed: 1, epochs: 2 });
      return self.hash((await model.predict(x)).dataSync());
    },

    /** Trains one network after another until it is told to end, and then gives their hashes. */
    trainOn() {
      let goesOn = true;
      const trainings = (async () => {
        const hashes: string[] = [];
        while (goesOn) hashes.push(await self.hashOfTraining());
        return hashes;
      })();
      return () => {
        goesOn = false;
        return trainings;
      };
    },

    hash(...arrays: readonly (TypedArray | readonly number[])[]): string {
      const hash = createHash('sha256');
      for (const array of arrays) {
        const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(array)
          ? array
          : Float64Array.from(array);
        hash.update(new Uint8Array(buffer, byteOffset, byteLength));
      }
      return hash.digest('hex');
    },

    /** The addon itself, without types, since it is to be misused. */
    get addon() {
      const load = require(`${root}/node_modules/node-gyp-build`) as (folder: string) => object;
      // biome-ignore lint/suspicious/noExplicitAny: see above.
      return { ...load(root), description: self.description } as Record<string, any>;
    },

    /** Of a classifier of 4 numbers in 3 classes, trained with momentum. */
    description() {
      const node = (op: string, shape: number[], attributes = {}, parameters: unknown[] = []) => ({
        op,
        outputs: [{ shape, dtype: 'float32' }],
        attributes,
        parameters,
      });
      const weights = (inputs: number, units: number) => [
        { name: 'kernel', shape: [inputs, units] },
        { name: 'bias', shape: [units] },
      ];
      const nodes = [
        node('input', [4], { shape: [4] }),
        node('dense', [8], {}, weights(4, 8)),
        node('activation', [8], { kind: 'relu' }),
        node('dropout', [8], { rate: 0.5, stream: 0 }),
        node('dense', [3], {}, weights(8, 3)),
        node('activation', [3], { kind: 'softmax' }),
      ].map((each, index) => ({ name: `n${index}`, inputs: index > 0 ? [index - 1] : [], ...each }));
      return {
        version: 1,
        graph: { nodes },
        training: {
          outputs: [
            {
              loss: { kind: 'sparseCategoricalCrossentropy', fromLogits: false },
              metrics: [{ kind: 'sparseCategoricalAccuracy' }],
            },
          ],
          optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true },
        },
      };
    },

    print: (value: unknown) => console.log(JSON.stringify(value)),
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),

    /** A thread that runs `body`. */
    worker(body: (convforge: Convforge, tools: Tools) => unknown): Thread {
      const makeTools = `(${source})(require, ${JSON.stringify(root)}, ${JSON.stringify(source)})`;
      const text = `const tools = ${makeTools}; (${body})(tools.convforge, tools);`;
      return new Worker(text, { eval: true });
    },

    /** Its exit code; a failure in it fails the process. */
    exit: (worker: Thread): Promise<number> => new Promise<number>((resolve) => worker.once('exit', resolve)),

    /** The next message of a worker. */
    message: (worker: Thread): Promise<unknown> =>
      new Promise<unknown>((resolve) => worker.once('message', resolve)),
  };
  return self;
}

export interface Tools extends ReturnType<typeof tools> {}
