import { ConvforgeError } from '../../errors.js';
import { show, unknownName } from '../../options.js';
import type { Serialized } from '../../serialized.js';
import { LearningRateSchedule } from './base-schedule.js';
import { CosineDecay } from './cosine-decay.js';
import { CosineDecayRestarts } from './cosine-decay-restarts.js';
import { ExponentialDecay } from './exponential-decay.js';
import { InverseTimeDecay } from './inverse-time-decay.js';
import { OneCycle } from './one-cycle.js';
import { PiecewiseConstantDecay } from './piecewise-constant-decay.js';
import { PolynomialDecay } from './polynomial-decay.js';

type ScheduleClass = new (config: never) => LearningRateSchedule;

const CLASSES: Readonly<Record<string, ScheduleClass>> = {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  OneCycle,
  PiecewiseConstantDecay,
  PolynomialDecay,
};

/** A schedule, or {className, config} from `className` and getConfig(). */
export type ScheduleIdentifier = LearningRateSchedule | Required<Serialized>;

export function getSchedule(identifier: ScheduleIdentifier): LearningRateSchedule {
  if (identifier instanceof LearningRateSchedule) return identifier;
  const { className, config } = identifier;
  if (typeof className !== 'string') {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `learningRate is ${show(identifier)}; it must be a number, or one of optimizers.schedules.`,
    );
  }
  if (!Object.hasOwn(CLASSES, className)) {
    throw new ConvforgeError('UNSUPPORTED', unknownName('schedule', className, Object.keys(CLASSES)));
  }
  return new CLASSES[className](config as never);
}
