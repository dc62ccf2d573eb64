import type { Logs } from './callback.js';
import type { Display, DisplayParams, EpochTiming, Progress } from './display.js';
import { formatCount, formatLogs } from './format.js';

/** One line an epoch: "Epoch 3/10  loss 0.2811  acc 0.8972  4.1 s  14,600 images/s". */
export class EpochLines implements Display {
  constructor(
    protected readonly params: DisplayParams,
    protected readonly stream: NodeJS.WritableStream,
  ) {}

  beginEpoch(_epoch: number): void {}

  update(_progress: Progress, _seconds: number): void {}

  endEpoch(epoch: number, logs: Logs, { seconds, samplesPerSecond }: EpochTiming): void {
    const { epochs, unit } = this.params;
    const parts = [
      `Epoch ${epoch + 1}/${epochs}`,
      ...formatLogs(logs),
      `${seconds.toFixed(1)} s`,
      `${formatCount(samplesPerSecond)} ${unit}/s`,
    ];
    this.stream.write(`${parts.join('  ')}\n`);
  }

  stop(): void {}
}
