import { describe, expect, it } from 'vitest';
import type { Shape } from '../../lib/program/description.js';
import type { Engine, SampleArray, Samples, SampleType } from '../../lib/program/engine.js';
import { copySamplesInSlices, SampleSource, withSamples } from '../../lib/program/samples.js';
import { expectError } from '../support/convforge-error.js';

class RecordedSamples implements Samples {
  readonly writes: { offset: number; values: number[] }[] = [];
  disposals = 0;

  constructor(
    readonly shape: Shape,
    readonly dtype: SampleType,
  ) {}

  write(values: SampleArray, offset: number): void {
    this.writes.push({ offset, values: Array.from(values.length > 100 ? values.subarray(0, 1) : values) });
  }

  dispose(): void {
    this.disposals++;
  }
}

function recordingEngine(): { engine: Engine; made: RecordedSamples[] } {
  const made: RecordedSamples[] = [];
  const engine: Engine = {
    name: 'reference',
    createProgram: () => {
      throw new Error('not needed');
    },
    createProgramInSlices: () => {
      throw new Error('not needed');
    },
    allocateSamples(shape, dtype) {
      const samples = new RecordedSamples(shape, dtype);
      made.push(samples);
      return samples;
    },
  };
  return { engine, made };
}

const same = (slice: SampleArray) => slice;

describe('SampleSource', () => {
  it('passes converters the position in the source, also in ranges', () => {
    const starts: number[] = [];
    const source = new SampleSource(
      'x',
      Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7),
      [4, 2],
      'float32',
      (slice, start) => {
        starts.push(start);
        return Float32Array.from(slice, (value) => value * 10);
      },
    );
    expect(Array.from(source.read(1, 3))).toEqual([10, 20]);
    const range = source.range(1, 3);
    expect([range.shape, range.count, range.size]).toEqual([[2, 2], 2, 4]);
    expect(Array.from(range.read(0, 4))).toEqual([20, 30, 40, 50]);
    expect(Array.from(range.range(1, 2).read(0, 2))).toEqual([40, 50]);
    expect(starts).toEqual([1, 2, 4]);
  });
});

describe('withSamples', () => {
  it('copies each source, and disposes of the copies in any case', async () => {
    const { engine, made } = recordingEngine();
    const x = new SampleSource('x', Uint8Array.of(1, 2, 3, 4), [2, 2], 'uint8', same);
    const y = new SampleSource('y', Int32Array.of(5, 6), [2], 'int32', same);
    const shapes = withSamples(engine, [x, y], (samples) => {
      expect(made.map((each) => each.disposals)).toEqual([0, 0]);
      return samples.map((each) => each.shape);
    });
    expect(shapes).toEqual([[2, 2], [2]]);
    expect(made.map((each) => each.writes)).toEqual([
      [{ offset: 0, values: [1, 2, 3, 4] }],
      [{ offset: 0, values: [5, 6] }],
    ]);
    expect(made.map((each) => each.disposals)).toEqual([1, 1]);

    const gone = Uint8Array.of(1, 2);
    const lost = new SampleSource('y', gone, [2], 'uint8', same);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    await expectError(() => withSamples(engine, [x, lost], () => 0), 'BUFFER_DETACHED', /^y: /);
    expect(made.map((each) => each.disposals)).toEqual([1, 1, 1, 1]);
  });
});

describe('copySamplesInSlices', () => {
  const size = 2 ** 22 + 3;

  it('writes 8 MB at a time, and lets the event loop run in between', async () => {
    const { engine, made } = recordingEngine();
    const source = new SampleSource('x', new Float32Array(size).fill(1), [size], 'float32', same);
    const seen: number[] = [];
    const look = () => {
      seen.push(made[0]?.writes.length ?? 0);
      if (made[0]?.writes.length !== 3) setImmediate(look);
    };
    setImmediate(look);
    await copySamplesInSlices(engine, source);
    expect(made[0].writes.map((write) => write.offset)).toEqual([0, 2 ** 21, 2 ** 22]);
    expect(made[0].writes[2].values).toEqual([1, 1, 1]);
    expect(seen).toContain(1);
    expect(seen).toContain(2);
    expect(made[0].disposals).toBe(0);
  });

  it('ends with an abort, or if the source is detached', async () => {
    const { engine, made } = recordingEngine();
    const values = new Float32Array(size);
    const source = new SampleSource('x', values, [size], 'float32', same);
    const control = new AbortController();
    const aborted = copySamplesInSlices(engine, source, control.signal);
    control.abort();
    await expectError(() => aborted, 'ABORTED');
    const lost = copySamplesInSlices(engine, source);
    structuredClone(values.buffer, { transfer: [values.buffer] });
    await expectError(() => lost, 'BUFFER_DETACHED', /^x: /);
    expect(made.map((each) => [each.writes.length, each.disposals])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });
});
