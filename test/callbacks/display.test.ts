import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createDisplay, EpochLines, ProgressBar } from '../../lib/callbacks/display.js';
import { formatCount, formatNumber } from '../../lib/callbacks/format.js';
import { setEngine } from '../../lib/index.js';
import { ENGINES } from '../support/engines.js';
import { compiledClassifier, tinySet } from '../support/tiny.js';

/** A stream that records its text. As a terminal it has the methods that cli-progress uses. */
class Screen extends Writable {
  text = '';
  readonly columns = 200;

  constructor(readonly isTTY: boolean) {
    super();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  cursorTo(): void {}
  clearLine(): void {}
  clearScreenDown(): void {}
  moveCursor(): void {}

  get stream(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }
}

const params = { epochs: 10, batches: 469, metrics: ['loss', 'acc'], unit: 'images' };
const logs = { loss: 0.28114, acc: 0.8972, val_loss: 0.3, val_acc: 0.89 };
const timing = { seconds: 4.12, samplesPerSecond: 14_612 };
const line = 'Epoch 3/10  loss 0.2811  acc 0.8972  val_loss 0.3000  val_acc 0.8900  4.1 s  14,600 images/s\n';

describe('createDisplay', () => {
  it("doesn't open standard output at verbose 0", () => {
    const open = vi.spyOn(process, 'stdout', 'get').mockImplementation(() => {
      throw new Error('EBADF');
    });
    try {
      expect(createDisplay(0, params)).toBeUndefined();
      expect(() => createDisplay(2, params)).toThrow('EBADF');
    } finally {
      open.mockRestore();
    }
  });

  it('shows a bar on terminals at verbose 1 only', () => {
    const terminal = new Screen(true).stream;
    expect(createDisplay(0, params, terminal)).toBeUndefined();
    expect(createDisplay(1, params, terminal)).toBeInstanceOf(ProgressBar);
    expect(createDisplay(2, params, terminal)?.constructor).toBe(EpochLines);
    expect(createDisplay(1, params, new Screen(false).stream)?.constructor).toBe(EpochLines);
  });
});

describe('EpochLines', () => {
  it('writes one line per epoch', () => {
    const screen = new Screen(false);
    const display = new EpochLines(params, screen);
    display.beginEpoch(2);
    display.update({ samples: 10, batches: 1, logs: { loss: 0.5, acc: 0.1 } }, 1);
    expect(screen.text).toBe('');
    display.endEpoch(2, logs, timing);
    display.stop();
    expect(screen.text).toBe(line);
  });
});

describe('ProgressBar', () => {
  it('shows epoch, batches, means and rate, then the line of the epoch', () => {
    vi.useFakeTimers();
    try {
      const screen = new Screen(true);
      const display = new ProgressBar(params, screen);
      display.beginEpoch(2);
      expect(screen.text).toMatch(/Epoch 3\/10 .* 0\/469 {2}ETA .* loss - {2}acc - {2}- images\/s/);
      screen.text = '';
      display.update({ samples: 12_800, batches: 100, logs: { loss: 0.5, acc: 0.75 } }, 2);
      vi.advanceTimersByTime(200);
      expect(screen.text).toMatch(/100\/469 {2}ETA .* loss 0\.5000 {2}acc 0\.7500 {2}6,400 images\/s/);
      screen.text = '';
      display.endEpoch(2, logs, timing);
      expect(screen.text.endsWith(line)).toBe(true);
      screen.text = '';
      display.stop();
      vi.advanceTimersByTime(1000);
      expect(screen.text).toBe('');
    } finally {
      vi.useRealTimers();
    }
  });

  it('releases the terminal when fit fails', () => {
    const screen = new Screen(true);
    const display = new ProgressBar(params, screen);
    display.beginEpoch(0);
    display.stop();
    expect(screen.text).toContain('\x1B[?25h');
  });
});

describe('numbers', () => {
  it('have four decimals, or an exponent', () => {
    expect([0, 0.12345, 12.5, 0.00012, 2e7, Number.NaN].map(formatNumber)).toEqual([
      '0.0000',
      '0.1235',
      '12.5000',
      '1.200e-4',
      '2.000e+7',
      'NaN',
    ]);
    expect([14_612, 999.4, 3.456, Number.POSITIVE_INFINITY].map(formatCount)).toEqual([
      '14,600',
      '999',
      '3.46',
      '-',
    ]);
  });
});

describe.each(ENGINES)('fit on %s', (engine) => {
  beforeEach(() => setEngine(engine));

  it.each([
    [0, 0],
    [1, 2],
    [2, 2],
  ] as const)('at verbose %d writes %d lines for two epochs', async (verbose, lines) => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const isTTY = process.stdout.isTTY;
    process.stdout.isTTY = false;
    try {
      const { x, y } = tinySet(6);
      await compiledClassifier().fit(x, y, { epochs: 2, verbose, validationSplit: 0.5 });
      const text = write.mock.calls.map(([chunk]) => chunk).join('');
      expect(text.split('\n')).toHaveLength(lines + 1);
      if (lines > 0)
        expect(text).toMatch(
          /^Epoch 1\/2 {2}loss \S+ {2}acc \S+ {2}val_loss \S+ {2}val_acc \S+ {2}\S+ s {2}\S+ samples\/s\n/,
        );
    } finally {
      process.stdout.isTTY = isTTY;
      write.mockRestore();
    }
  });
});
