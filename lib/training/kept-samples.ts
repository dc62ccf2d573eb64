import type { LabelledSource, LoadedSamples } from './labelled-data.js';
import type { ValidationSet } from './validation-set.js';

/** The most samples to keep, and the most bytes of their values. */
const MOST_SAMPLES = 1024;
const MOST_BYTES = 64 * 2 ** 20;

/** Copies of the first samples of a validation, for a look at them when the validation set is gone. */
export class KeptSamples {
  readonly #sets: LabelledSource[] = [];
  #samples = 0;
  #bytes = 0;
  #isWhole = false;

  /** Copies what there is room for. */
  add({ source }: LoadedSamples): void {
    const perSample = bytesPerSample(source);
    const room = Math.min(MOST_SAMPLES - this.#samples, Math.floor((MOST_BYTES - this.#bytes) / perSample));
    const count = Math.min(room, source.count);
    if (this.#isWhole || count < 1) return;
    const indexes = Uint32Array.from({ length: count }, (_, index) => index);
    const copy = (sources: LabelledSource['x']) => sources.map((each) => each.pick(indexes));
    this.#sets.push({ x: copy(source.x), y: copy(source.y), weights: copy(source.weights), count });
    this.#samples += count;
    this.#bytes += count * perSample;
  }

  /** Keeps no more, since the next validation has the same samples. */
  end(): void {
    this.#isWhole = true;
  }

  /** The samples kept so far. They aren't in the engine's memory. */
  get set(): ValidationSet {
    return {
      maxSets: Number.POSITIVE_INFINITY,
      steps: null,
      open: () => {
        const sets = this.#sets.values();
        return { next: async () => loaded(sets.next().value), readAhead: () => {}, close: () => {} };
      },
      seedOf: (seed) => seed,
    };
  }
}

function bytesPerSample({ x, y, weights, count }: LabelledSource): number {
  const bytes = [...x, ...y, ...weights].map(({ size, dtype }) => size * (dtype === 'uint8' ? 1 : 4));
  return bytes.reduce((sum, each) => sum + each, 0) / count;
}

function loaded(source: LabelledSource | undefined): LoadedSamples | undefined {
  return source && { x: [], y: [], count: source.count, batchSize: source.count, source, dispose: () => {} };
}
