import { describe, expect, it } from 'vitest';
import * as tf from '../../lib/tensor/index.js';

describe('memory', () => {
  it('ignores tensors from before the first call', () => {
    const early = tf.tensor([1, 2]);
    expect(tf.memory()).toMatchObject({ numTensors: 0, numDataBuffers: 0, numBytes: 0 });
    early.dispose();
    expect(tf.memory().numTensors).toBe(0);
  });

  it('counts tensors until they are disposed, and their arrays', () => {
    const before = tf.memory();
    const first = tf.tensor([1, 2, 3, 4]);
    const second = first.reshape([2, 2]);
    const after = tf.memory();
    expect(after.numTensors - before.numTensors).toBe(2);
    expect(after.numDataBuffers - before.numDataBuffers).toBe(1);
    expect(after.numBytes - before.numBytes).toBe(16);
    tf.dispose([first, second]);
    first.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(after.unreliable).toBe(true);
  });

  it('no longer counts collected tensors', async () => {
    const script = `
      const tf = require(${JSON.stringify(`${process.cwd()}/dist/index.js`)});
      const before = tf.memory();
      for (let i = 0; i < 100; i++) tf.ones([1000]);
      const during = tf.memory().numBytes - before.numBytes;
      const wait = () => new Promise((resolve) => setTimeout(resolve, 20));
      (async () => {
        for (let i = 0; i < 100 && tf.memory().numBytes > before.numBytes; i++) {
          gc();
          await wait();
        }
        const after = tf.memory();
        console.log(JSON.stringify([during, after.numTensors - before.numTensors, after.numBytes - before.numBytes]));
      })();
    `;
    const { execFileSync } = await import('node:child_process');
    const output = execFileSync(process.execPath, ['--expose-gc', '-e', script], { encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual([400_000, 0, 0]);
  });
});
