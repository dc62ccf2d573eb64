import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { type PendingTensor, type Tensor, tensor } from '../../../../lib/tensor/index.js';
import { VERSION } from '../../../../lib/version.js';
import { buildNetwork, type BuiltNetwork, type Network } from '../../networks/network.js';
import { NETWORKS } from '../../networks/index.js';
import { callTimes } from '../../support/call-times.js';
import { quantile } from '../../../../lib/compare/statistics.js';
import { print } from '../child.js';
import type { Unit } from '../../../../lib/compare/measurement.js';
import { labelShape, type NetworkFacts, trainTwice, writeWeights } from './inputs.js';

/** convforge's part of the networks: convforge.ts FOLDER. CONVFORGE_THREADS sets the threads. */

const SECONDS = 0.7;

class NetworkPeer {
  readonly #facts: NetworkFacts;
  readonly #network: Network;
  readonly #x: Tensor;
  readonly #y: Tensor;
  readonly #ones: Tensor[];
  readonly #weights: Tensor[];
  readonly #outputs: Tensor;
  #built: BuiltNetwork | undefined;

  constructor(folder: string) {
    const read = (file: string) => readFileSync(path.join(folder, file));
    this.#facts = JSON.parse(read('network.json').toString());
    const { key, input, weights, outputs } = this.#facts;
    this.#outputs = tensor(floats(read('outputs.bin')), outputs);
    this.#network = NETWORKS.find((network) => network.key === key) as Network;
    const images = floats(read('images.bin'));
    const count = images.length / input.reduce((product, size) => product * (size as number), 1);
    this.#x = tensor(images, [count, ...input]);
    this.#y = tensor(
      new Int32Array(Uint8Array.from(read('labels.bin')).buffer),
      labelShape(this.#facts, count),
      'int32',
    );
    this.#ones = Array.from({ length: Math.min(64, count) }, (_, i) => this.#x.slice([i], [1]));
    const values = floats(read('weights.bin'));
    let next = 0;
    this.#weights = weights.map((shape) => {
      const start = next;
      next += shape.reduce<number>((product, size) => product * (size as number), 1);
      return tensor(values.subarray(start, next), shape);
    });
  }

  get #open(): BuiltNetwork {
    if (!this.#built) throw new Error('The network was not prepared.');
    return this.#built;
  }

  async prepare(): Promise<void> {
    const built = await this.#measureMemory();
    writeWeights(built.layers, this.#weights);
    const outputs = (await built.model.predict(this.#x.slice([0], [this.#outputs.shape[0]]))) as Tensor;
    const expected = this.#outputs.dataSync();
    const isOff = outputs.dataSync().some((value, i) => !(Math.abs(Math.log(value / expected[i])) < 2e-3));
    if (isOff) throw new Error("outputs are not those of the inputs' writer");
  }

  async #measureMemory(): Promise<BuiltNetwork> {
    const { result, megabytes } = await peakGrowth(async () => {
      const built = buildNetwork(this.#network);
      writeWeights(built.layers, this.#weights);
      await trainTwice(built, this.#x, this.#y, this.#facts.batch);
      return built;
    });
    this.#print('training memory', 'MB', 'model.fit', megabytes);
    this.#built = result;
    return result;
  }

  async training(): Promise<void> {
    const settings = { batchSize: this.#facts.batch, epochs: 1, shuffle: false, verbose: 0 } as const;
    await this.#rate('training', 'model.fit', () => this.#open.model.fit(this.#x, this.#y, settings));
  }

  async inference(): Promise<void> {
    const { model } = this.#open;
    await this.#rate('inference', 'model.predict', async () =>
      (await model.predict<PendingTensor>(this.#x, { batchSize: this.#facts.batch })).dispose(),
    );
  }

  async latency(): Promise<void> {
    const { model } = this.#open;
    const predict = (i: number) => model.predict<PendingTensor>(this.#ones[i % this.#ones.length]);
    await this.#latency('await model.predict', async (i) => (await predict(i)).dispose());
    await this.#latency('model.predict, dataSync', (i) => {
      const y = predict(i);
      y.dataSync();
      y.dispose();
    });
  }

  async #rate(kind: string, config: string, run: () => Promise<unknown>): Promise<void> {
    const started = performance.now();
    let count = 0;
    let seconds = 0;
    while (seconds < SECONDS) {
      await run();
      count += this.#x.shape[0];
      seconds = (performance.now() - started) / 1000;
    }
    this.#print(kind, 'images/s', config, count / seconds);
  }

  async #latency(config: string, call: (index: number) => unknown): Promise<void> {
    const times = await callTimes(call, { calls: 300, seconds: SECONDS });
    this.#print('one image, median', 'ms', config, quantile(times, 0.5) / 1000);
    this.#print('one image, p90', 'ms', config, quantile(times, 0.9) / 1000);
  }

  #print(kind: string, unit: Unit, config: string, value: number): void {
    print({ task: `${this.#facts.name}: ${kind}`, unit, config, version: VERSION, values: [value] });
  }
}

/** A view where the buffer is aligned, as large ones are; else a copy. */
function floats(bytes: Buffer): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

/** The growth of the resident size at its peak, in MB, while `run` runs. Linux only. */
async function peakGrowth<T>(run: () => Promise<T>): Promise<{ result: T; megabytes: number }> {
  // Otherwise memory of garbage would be used again, and not count. Some of it is released a little later.
  globalThis.gc?.();
  await setTimeout(200);
  writeFileSync('/proc/self/clear_refs', '5');
  const before = status('VmRSS');
  const result = await run();
  return { result, megabytes: status('VmHWM') - before };
}

/** A field of /proc/self/status in MB. */
function status(field: string): number {
  const [, kilobytes] =
    new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024e-6;
}

/** Answers each line of standard input, which ends with a bar and what is to be done. */
async function main(folder: string): Promise<void> {
  const peer = new NetworkPeer(folder);
  for await (const line of createInterface({ input: process.stdin })) {
    const work = line.slice(line.indexOf('|') + 1);
    await peer[work as 'prepare' | 'training' | 'inference' | 'latency']();
    process.stdout.write('end\n');
  }
}

main(process.argv[2]);
