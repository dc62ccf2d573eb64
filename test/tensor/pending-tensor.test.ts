import { describe, expect, it } from 'vitest';
import type { Pending } from '../../lib/tensor/pending-tensor.js';
import { PendingTensor, Tensor } from '../../lib/tensor/index.js';

function pendingOf(values: number[]): Pending<Float32Array> & { waits: number } {
  const result = new Float32Array(values);
  const pending = {
    waits: 0,
    promise: new Promise<Float32Array>((resolve) => setImmediate(() => resolve(result))),
    wait() {
      pending.waits++;
      return result;
    },
  };
  return pending;
}

function failing(): Pending<Float32Array> {
  const failure = new Error('the job failed');
  return {
    get promise(): Promise<Float32Array> {
      return Promise.reject(failure);
    },
    wait() {
      throw failure;
    },
  };
}

describe('PendingTensor', () => {
  it('is a tensor whose shape is known immediately', () => {
    const x = PendingTensor.from(pendingOf([1, 2]), [2, 1]);
    expect(x).toBeInstanceOf(Tensor);
    expect(x.shape).toEqual([2, 1]);
    expect(x.dtype).toBe('float32');
  });

  it('resolves to a plain tensor without blocking', async () => {
    const pending = pendingOf([1, 2]);
    const x = await PendingTensor.from(pending, [2, 1]);
    expect(x).not.toBeInstanceOf(PendingTensor);
    expect('then' in x).toBe(false);
    expect(x.arraySync()).toEqual([[1], [2]]);
    expect(pending.waits).toBe(0);
  });

  it('blocks once when values are read synchronously', () => {
    const pending = pendingOf([3, 4]);
    const x = PendingTensor.from(pending, [2]);
    expect(pending.waits).toBe(0);
    expect(x.add(1).arraySync()).toEqual([4, 5]);
    expect([...x.dataSync()]).toEqual([3, 4]);
    expect(pending.waits).toBe(1);
  });

  it('resolves data()', async () => {
    expect([...(await PendingTensor.from(pendingOf([5]), [1]).data())]).toEqual([5]);
    expect(await PendingTensor.from(pendingOf([5]), [1]).array()).toEqual([5]);
  });

  it('throws the error on access, without an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const x = PendingTensor.from(failing(), [1]);
    expect(() => x.dataSync()).toThrow('the job failed');
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
    await expect(x).rejects.toThrow('the job failed');
    await expect(x.data()).rejects.toThrow('the job failed');
  });

  it('refuses use after dispose', async () => {
    const x = PendingTensor.from(pendingOf([1]), [1]);
    x.dispose();
    expect(() => x.dataSync()).toThrow(expect.objectContaining({ code: 'DISPOSED' }));
    await expect(x.data()).rejects.toThrow(expect.objectContaining({ code: 'DISPOSED' }));
  });

  it('refuses a result of another length than its shape', () => {
    const x = PendingTensor.from(pendingOf([1, 2, 3]), [2]);
    expect(() => x.dataSync()).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });
});
