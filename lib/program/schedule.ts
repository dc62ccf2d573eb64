import type { OptimizerSettings, ScheduleDescription } from './optimizer-description.js';

/** The learning rate after `steps` training steps, by the formulas of optimizer-description.ts. */
export function rateAt(learningRate: OptimizerSettings['learningRate'], steps: number): number {
  return typeof learningRate === 'number' ? learningRate : scheduledRate(learningRate, steps);
}

function scheduledRate(schedule: ScheduleDescription, step: number): number {
  switch (schedule.kind) {
    case 'exponentialDecay':
      return schedule.initialLearningRate * schedule.decayRate ** decayed(schedule, step);
    case 'inverseTimeDecay':
      return schedule.initialLearningRate / (1 + schedule.decayRate * decayed(schedule, step));
    case 'polynomialDecay':
      return polynomialRate(schedule, step);
    case 'cosineDecay':
      return cosineRate(schedule, step);
    case 'cosineDecayRestarts':
      return restartingRate(schedule, step);
    case 'piecewiseConstantDecay':
      return schedule.values[schedule.boundaries.filter((boundary) => boundary < step).length];
    case 'oneCycle':
      return oneCycleRate(schedule, step);
  }
}

type Schedule<K extends string> = Extract<ScheduleDescription, { kind: K }>;

/** Falls from 1 at 0 to 0 at 1. */
const cosine = (share: number) => 0.5 * (1 + Math.cos(Math.PI * share));

function decayed(
  { decaySteps, staircase }: { decaySteps: number; staircase: boolean },
  step: number,
): number {
  const share = step / decaySteps;
  return staircase ? Math.floor(share) : share;
}

function polynomialRate(schedule: Schedule<'polynomialDecay'>, step: number): number {
  const { initialLearningRate, decaySteps, endLearningRate, power, cycle } = schedule;
  const whole = cycle ? decaySteps * Math.max(1, Math.ceil(step / decaySteps)) : decaySteps;
  return (
    (initialLearningRate - endLearningRate) * (1 - Math.min(step, whole) / whole) ** power + endLearningRate
  );
}

function cosineRate(schedule: Schedule<'cosineDecay'>, step: number): number {
  const {
    initialLearningRate,
    decaySteps,
    alpha,
    warmupSteps,
    warmupTarget = initialLearningRate,
  } = schedule;
  if (step < warmupSteps)
    return initialLearningRate + (warmupTarget - initialLearningRate) * (step / warmupSteps);
  return warmupTarget * ((1 - alpha) * cosine(Math.min(step - warmupSteps, decaySteps) / decaySteps) + alpha);
}

function restartingRate(schedule: Schedule<'cosineDecayRestarts'>, step: number): number {
  const { initialLearningRate, firstDecaySteps, tMul, mMul, alpha } = schedule;
  const done = step / firstDecaySteps;
  let period = Math.floor(done);
  let share = done - period;
  if (tMul !== 1) {
    period = Math.floor(Math.log(1 - done * (1 - tMul)) / Math.log(tMul));
    share = (done - (1 - tMul ** period) / (1 - tMul)) / tMul ** period;
  }
  return initialLearningRate * ((1 - alpha) * (mMul ** period * cosine(share)) + alpha);
}

function oneCycleRate(schedule: Schedule<'oneCycle'>, step: number): number {
  const { maxLearningRate, totalSteps, pctStart, divFactor, finalDivFactor } = schedule;
  const start = maxLearningRate / divFactor;
  const end = start / finalDivFactor;
  const top = pctStart * totalSteps - 1;
  const last = totalSteps - 1;
  const between = (from: number, to: number, share: number) => to + (from - to) * cosine(share);
  if (step >= last) return end;
  if (step <= top) return between(start, maxLearningRate, top > 0 ? step / top : 1);
  const turn = Math.max(top, 0);
  return between(maxLearningRate, end, (step - turn) / (last - turn));
}
