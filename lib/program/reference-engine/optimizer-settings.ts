import { ConvforgeError } from '../../errors.js';
import type { OptimizerSettings, ScheduleDescription } from '../optimizer-description.js';
import { checkNumber } from './optimizers.js';
import type { FloatArray } from './precision.js';

const ANY = Number.POSITIVE_INFINITY;

/** Throws INVALID_ARGUMENT, or UNSUPPORTED for an unknown schedule. */
export function checkSettings(settings: OptimizerSettings): void {
  const { learningRate, clipNorm = 0, clipValue = 0, globalClipNorm = 0, weightDecay = 0 } = settings;
  if (typeof learningRate === 'object' && learningRate !== null) checkSchedule(learningRate);
  else checkNumber('learningRate', learningRate, 0, ANY);
  checkNumber('weightDecay', weightDecay, 0, ANY);
  for (const [name, value] of Object.entries({ clipNorm, clipValue, globalClipNorm }))
    checkNumber(name, value, 0, ANY);
  if ([clipNorm, clipValue, globalClipNorm].filter((value) => value > 0).length > 1) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      'the optimizer takes one of clipNorm, clipValue and globalClipNorm.',
    );
  }
  if (settings.useEma) checkNumber('emaMomentum', settings.emaMomentum as number, 0, 1);
  checkWhole('emaOverwriteFrequency', settings.emaOverwriteFrequency ?? 0, 0);
  checkWhole('gradientAccumulationSteps', settings.gradientAccumulationSteps ?? 1, 1);
}

/** Schedule parameters that must be above 0, and those that must be at least 1. */
const POSITIVE = ['decaySteps', 'firstDecaySteps', 'totalSteps'];
const FROM_ONE = ['tMul', 'divFactor', 'finalDivFactor'];

const SCHEDULES: Record<ScheduleDescription['kind'], true> = {
  exponentialDecay: true,
  inverseTimeDecay: true,
  polynomialDecay: true,
  cosineDecay: true,
  cosineDecayRestarts: true,
  piecewiseConstantDecay: true,
  oneCycle: true,
};

function checkSchedule(schedule: ScheduleDescription): void {
  if (!Object.hasOwn(SCHEDULES, schedule.kind))
    throw new ConvforgeError('UNSUPPORTED', `there is no schedule '${schedule.kind}'.`);
  for (const [name, value] of Object.entries(schedule)) {
    const minimum = POSITIVE.includes(name) ? Number.MIN_VALUE : FROM_ONE.includes(name) ? 1 : 0;
    for (const number of [value].flat())
      if (typeof number === 'number') checkNumber(name, number, minimum, ANY);
  }
  if (schedule.kind === 'oneCycle') checkNumber('pctStart', schedule.pctStart, 0, 1 + Number.EPSILON);
  if (schedule.kind !== 'piecewiseConstantDecay') return;
  const { boundaries, values } = schedule;
  const rising = boundaries.every((boundary, i) => i === 0 || boundary >= boundaries[i - 1]);
  if (rising && values.length === boundaries.length + 1) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    'piecewiseConstantDecay takes rising boundaries, and one value more than there are boundaries.',
  );
}

function checkWhole(name: string, value: number, minimum: number): void {
  checkNumber(name, value, minimum, ANY);
  if (Number.isSafeInteger(value)) return;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    `the optimizer's ${name} is ${value}; it must be a whole number.`,
  );
}

/** Clips gradients in place. */
export function clipGradients(settings: OptimizerSettings, gradients: readonly FloatArray[]): void {
  const { clipNorm = 0, clipValue = 0, globalClipNorm = 0 } = settings;
  if (clipNorm > 0) for (const gradient of gradients) clipTogether([gradient], clipNorm);
  if (globalClipNorm > 0) clipTogether(gradients, globalClipNorm);
  if (clipValue === 0) return;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++)
      gradient[i] = Math.min(Math.max(gradient[i], -clipValue), clipValue);
  }
}

function clipTogether(gradients: readonly FloatArray[], limit: number): void {
  let squares = 0;
  for (const gradient of gradients) for (const g of gradient) squares += g * g;
  const factor = limit / Math.max(Math.sqrt(squares), limit);
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i] *= factor;
}
