import { describe, expect, it } from 'vitest';
import { Callback, CustomCallback, History } from '../../lib/callbacks/index.js';
import { CallbackList } from '../../lib/callbacks/callback-list.js';

describe('CallbackList', () => {
  const ends = { disposal: new AbortController().signal };
  const claim = { pause: <T>(during: () => Promise<T>) => during(), end: async () => {} };

  it('asks for batches only if a callback overrides a batch hook', () => {
    const wants = (...callbacks: (Callback | object)[]) =>
      new CallbackList(callbacks, claim, ends).wantsBatches;
    expect(wants(new Callback(), new History(), { onEpochEnd() {}, onBatchEnd: undefined })).toBe(false);
    expect(wants(new Callback(), { onBatchEnd() {} })).toBe(true);
    expect(wants(new CustomCallback({ onBatchBegin() {} }))).toBe(true);
    class Counting extends Callback {
      override onBatchBegin(): void {}
    }
    expect(wants(new Counting())).toBe(true);
  });

  it('releases the model while hooks run', async () => {
    const notes: string[] = [];
    const noting = {
      async pause<T>(during: () => Promise<T>): Promise<T> {
        notes.push('pause');
        const result = await during();
        notes.push('resume');
        return result;
      },
      end: async () => {},
    };
    await new CallbackList([{ onTrainBegin: () => notes.push('hook') }], noting, ends).trainBegin();
    expect(notes).toEqual(['pause', 'hook', 'resume']);
  });
});
