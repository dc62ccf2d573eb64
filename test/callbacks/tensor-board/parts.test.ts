import { describe, expect, it } from 'vitest';
import { integer } from '../../../lib/callbacks/tensor-board/protobuf.js';
import { record } from '../../../lib/callbacks/tensor-board/event-file.js';
import { weightImage } from '../../../lib/callbacks/tensor-board/summaries.js';
import { tensor } from '../../../lib/index.js';
import { fieldOf, readMessage, readRecords } from '../../support/event-files.js';

describe('record', () => {
  it('has length, data and checksums as in a TFRecord', () => {
    const data = Buffer.from('some data');
    const framed = record(data);
    expect(framed).toHaveLength(9 + 16);
    expect(readRecords(Buffer.concat([framed, record(Buffer.alloc(0))]))).toEqual([data, Buffer.alloc(0)]);
    framed[14] ^= 1;
    expect(() => readRecords(framed)).toThrow('checksum of data');
  });
});

describe('integer', () => {
  it.each([0, 1, 127, 128, 300, 2 ** 31, 2 ** 40 + 5])('holds %d', (value) => {
    expect(fieldOf(readMessage(integer(2, value)), 2)).toBe(value);
  });

  it("encodes the example in the format's documentation", () => {
    expect([...integer(1, 150)]).toEqual([0x08, 0x96, 0x01]);
  });
});

describe('weightImage', () => {
  it('shows convolution kernels in a grid of inputs by filters', () => {
    // [h 1, w 2, in 2, out 2]: value 8 at h 0, w 1, input 1, filter 0.
    const image = weightImage(tensor([0, 1, 2, 3, 4, 5, 8, 7], [1, 2, 2, 2]));
    const shade = (value: number) => Math.round((255 * value) / 8);
    expect([image.width, image.height]).toEqual([5, 3]);
    expect([...image.pixels]).toEqual(
      [
        [0, 4, 0, 1, 5],
        [0, 0, 0, 0, 0],
        [2, 8, 0, 3, 7],
      ].flatMap((row) => row.map(shade)),
    );
  });

  it('shows a vector as a row, a matrix unchanged, and crops large weights', () => {
    const sizes = (shape: number[]) => {
      const { width, height } = weightImage(
        tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape),
      );
      return [width, height];
    };
    expect(sizes([3])).toEqual([3, 1]);
    expect(sizes([2, 3])).toEqual([3, 2]);
    expect(sizes([2000, 3])).toEqual([3, 1024]);
  });
});
