import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  barLine,
  createDisplay,
  EpochLines,
  formatTimeLeft,
  ProgressBar,
} from '../../lib/callbacks/display.js';
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
  beforeEach(() => {
    vi.stubEnv('CI', '');
    vi.stubEnv('TERM', 'xterm');
    return () => vi.unstubAllEnvs();
  });

  it('shows lines on terminals of continuous integration, and on those that move no cursor', () => {
    const terminal = new Screen(true).stream;
    vi.stubEnv('CI', 'true');
    expect(createDisplay(1, params, terminal)?.constructor).toBe(EpochLines);
    vi.stubEnv('CI', 'false');
    expect(createDisplay(1, params, terminal)).toBeInstanceOf(ProgressBar);
    vi.stubEnv('TERM', 'dumb');
    expect(createDisplay(1, params, terminal)?.constructor).toBe(EpochLines);
  });

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
      expect(screen.text).toMatch(/Epoch 3\/10 \u2591{24} 0\/469 {2}loss - {2}acc - {2}- images\/s/);
      screen.text = '';
      display.update({ samples: 12_800, batches: 100, logs: { loss: 0.5, acc: 0.75 } }, 2);
      vi.advanceTimersByTime(200);
      expect(screen.text).toMatch(
        /Epoch 3\/10 \u2588{5}\u2591{19} 100\/469 {2}loss 0\.5000 {2}acc 0\.7500 {2}ETA 7s {2}6,400 images\/s/,
      );
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

  it("tells this process's speed in an epoch that resumes", () => {
    vi.useFakeTimers();
    try {
      const screen = new Screen(true);
      const display = new ProgressBar(params, screen);
      display.beginEpoch(2, { samples: 12_800, batches: 100 });
      display.update({ samples: 25_600, batches: 200, logs: { loss: 0.5, acc: 0.75 } }, 2);
      vi.advanceTimersByTime(200);
      expect(screen.text).toMatch(/ 200\/469 .* ETA 5s {2}6,400 images\/s/);
      display.stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it('changes no setting of the terminal, which an ended process could not restore', () => {
    const screen = new Screen(true);
    const display = new ProgressBar(params, screen);
    display.beginEpoch(0);
    expect(screen.text).toContain('Epoch 1/10');
    display.stop();
    // Such as ?25l, which hides the cursor, and ?7l, which stops wrapping.
    expect(screen.text).not.toContain('\x1B[?');
  });
});

describe('the line of a bar', () => {
  const parts = {
    epoch: 'Epoch 3/10',
    share: 0.5,
    place: '235/469',
    values: ['loss 0.5000', 'acc 0.7500'],
    left: 'ETA 5s',
    rate: '6,400 images/s',
  };

  it.each([
    [200, 'Epoch 3/10 ████████████░░░░░░░░░░░░ 235/469  loss 0.5000  acc 0.7500  ETA 5s  6,400 images/s'],
    [80, 'Epoch 3/10 ██████░░░░░ 235/469  loss 0.5000  acc 0.7500  ETA 5s  6,400 images/s'],
    [72, 'Epoch 3/10 235/469  loss 0.5000  acc 0.7500  ETA 5s  6,400 images/s'],
    [60, 'Epoch 3/10 235/469  loss 0.5000  acc 0.7500  ETA 5s'],
    [50, 'Epoch 3/10 235/469  loss 0.5000  acc 0.7500'],
    [40, 'Epoch 3/10 235/469  loss 0.5000'],
    [20, 'Epoch 3/10 235/469'],
    [10, 'Epoch 3/1'],
  ])('fits into %d columns', (columns, expected) => {
    expect(barLine(parts, columns)).toBe(expected);
  });

  it('is shorter than any width, with and without a number of batches', () => {
    for (let columns = 1; columns < 120; columns++) {
      expect(barLine(parts, columns).length).toBeLessThan(columns);
      expect(barLine({ ...parts, share: null, left: undefined }, columns).length).toBeLessThan(columns);
    }
  });

  it('tells the time left in seconds, minutes and hours', () => {
    expect([0.4, 59.4, 65, 3600, 7801].map(formatTimeLeft)).toEqual(['0s', '59s', '1m05s', '1h00m', '2h10m']);
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
