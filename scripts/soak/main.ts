import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Load } from './load.js';
import { type Slope, slopeOf } from './slope.js';

const HELP = `Usage: npm run soak -- [options]

Trains and serves in one process, with clients that abort, that send samples of a wrong shape and that come all at once,
and with two models that take turns, two seconds each. Prints the slope of the resident memory, the event loop's delay, and
errors. Fails if a request doesn't end or ends in a way that it must not, or if memory grows with the predictions. Says
so if there were too few predictions to tell whether memory grows.

  --seconds N        how long (300), at least 10; a verdict on memory takes some 1800
  --help             this text
`;

const MB = 2 ** 20;
const MS_BETWEEN_SAMPLES = 1000;
/** Share of the time in which memory may grow to what is needed. */
const WARM_UP = 0.5;
/** The most MB by which memory may grow with 10^5 predictions. */
const MAX_SLOPE = 1;
/** Fewer predictions after the warm-up are no ground for a verdict: memory settles by some MB for minutes. */
const ENOUGH_PREDICTIONS = 5e5;
/** Seconds in which all must have ended at the end. */
const SECONDS_TO_END = 20;

interface Sample {
  seconds: number;
  predictions: number;
  /** Resident memory in MB. */
  rss: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '300' }, help: { type: 'boolean' } },
  });
  const seconds = Number(values.seconds);
  if (values.help || !(seconds >= 10)) {
    console.log(HELP);
    process.exit(values.help ? 0 : 2);
  }

  const load = new Load();
  await load.predictor.ready();
  const end = new AbortController();
  const running = load.run(end.signal);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const samples = await watch(load, seconds, delay);
  end.abort();
  const isOver = await Promise.race([running.then(() => true), sleep(SECONDS_TO_END * 1000, false)]);

  const settled = samples.filter((sample) => sample.seconds >= seconds * WARM_UP);
  const byPrediction = slopeOf(settled.map(({ predictions, rss }) => [predictions / 1e5, rss]));
  const byHour = slopeOf(settled.map((sample) => [sample.seconds / 3600, sample.rss]));
  const predictions = settled[settled.length - 1].predictions - settled[0].predictions;
  const { latencyMs, batches, served } = load.predictor.stats();
  const codes = Object.entries(load.expected).map(([code, count]) => `${count} ${code}`);
  console.log(`${seconds} s: ${load.steps} training steps, ${served} predictions in ${batches} batches`);
  console.log(`Latency: p50 ${latencyMs.p50.toFixed(1)} ms, p99 ${latencyMs.p99.toFixed(1)} ms`);
  console.log(`Replaced models: ${load.replacements}; expected errors: ${codes.join(', ')}`);
  console.log(
    `Memory: ${range(settled)}; ${show(byHour)} MB an hour, ${show(byPrediction)} MB in 10^5 predictions`,
  );
  console.log(`Event loop: p99 ${ms(delay.percentile(99))} ms, at most ${ms(delay.max)} ms`);

  const broken = [...load.failures];
  if (!isOver)
    broken.push(`${load.made - load.ended} requests have not ended ${SECONDS_TO_END} s after the end`);
  for (const [code, count] of Object.entries(load.expected))
    if (count === 0) broken.push(`no request was ${code}`);
  if (load.steps === 0) broken.push('there was no training step');
  if (predictions < ENOUGH_PREDICTIONS)
    console.log(`Too few predictions for a verdict on memory: ${predictions}`);
  else if (byPrediction.value - 2 * byPrediction.error > MAX_SLOPE)
    broken.push('memory grows with predictions');
  for (const each of broken.slice(0, 10)) console.error(`BROKEN: ${each}`);
  console.log(broken.length === 0 ? 'All promises were kept' : `${broken.length} promises were broken`);
  process.exit(broken.length === 0 ? 0 : 1);
}

/**
 * Samples the memory for so many seconds, after a garbage collection each: else V8 lets garbage pile up for
 * minutes. The event loop's delay leaves these out.
 */
async function watch(load: Load, seconds: number, delay: IntervalHistogram): Promise<Sample[]> {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const samples: Sample[] = [];
  const start = performance.now();
  for (let passed = 0; passed < seconds; passed = (performance.now() - start) / 1000) {
    delay.disable();
    collectGarbage();
    delay.enable();
    const { served } = load.predictor.stats();
    samples.push({ seconds: passed, predictions: served, rss: process.memoryUsage.rss() / MB });
    await sleep(MS_BETWEEN_SAMPLES);
  }
  delay.disable();
  return samples;
}

function range(samples: readonly Sample[]): string {
  const sorted = samples.map(({ rss }) => rss).sort((a, b) => a - b);
  return `${sorted[0].toFixed(0)} to ${sorted[sorted.length - 1].toFixed(0)} MB after the warm-up`;
}

function show({ value, error }: Slope): string {
  return `${value.toFixed(2)} +- ${error.toFixed(2)}`;
}

function ms(nanoseconds: number): string {
  return (nanoseconds / 1e6).toFixed(1);
}

process.on('unhandledRejection', (error) => {
  console.error('BROKEN: an unhandled rejection:', error);
  process.exit(1);
});
main();
