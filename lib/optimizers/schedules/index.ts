import { CosineDecay, type CosineDecayOptions } from './cosine-decay.js';
import { CosineDecayRestarts, type CosineDecayRestartsOptions } from './cosine-decay-restarts.js';
import { ExponentialDecay, type ExponentialDecayOptions } from './exponential-decay.js';
import { InverseTimeDecay, type InverseTimeDecayOptions } from './inverse-time-decay.js';
import { OneCycle, type OneCycleOptions } from './one-cycle.js';
import { PiecewiseConstantDecay, type PiecewiseConstantDecayOptions } from './piecewise-constant-decay.js';
import { PolynomialDecay, type PolynomialDecayOptions } from './polynomial-decay.js';

export { LearningRateSchedule } from './base-schedule.js';
export type { ScheduleIdentifier } from './registry.js';
export {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  OneCycle,
  PiecewiseConstantDecay,
  PolynomialDecay,
};
export type {
  CosineDecayOptions,
  CosineDecayRestartsOptions,
  ExponentialDecayOptions,
  InverseTimeDecayOptions,
  OneCycleOptions,
  PiecewiseConstantDecayOptions,
  PolynomialDecayOptions,
};

/** See {@link CosineDecay}. */
export function cosineDecay(options: CosineDecayOptions): CosineDecay {
  return new CosineDecay(options);
}

/** See {@link CosineDecayRestarts}. */
export function cosineDecayRestarts(options: CosineDecayRestartsOptions): CosineDecayRestarts {
  return new CosineDecayRestarts(options);
}

/** See {@link ExponentialDecay}. */
export function exponentialDecay(options: ExponentialDecayOptions): ExponentialDecay {
  return new ExponentialDecay(options);
}

/** See {@link InverseTimeDecay}. */
export function inverseTimeDecay(options: InverseTimeDecayOptions): InverseTimeDecay {
  return new InverseTimeDecay(options);
}

/** See {@link OneCycle}. */
export function oneCycle(options: OneCycleOptions): OneCycle {
  return new OneCycle(options);
}

/** See {@link PiecewiseConstantDecay}. */
export function piecewiseConstantDecay(options: PiecewiseConstantDecayOptions): PiecewiseConstantDecay {
  return new PiecewiseConstantDecay(options);
}

/** See {@link PolynomialDecay}. */
export function polynomialDecay(options: PolynomialDecayOptions): PolynomialDecay {
  return new PolynomialDecay(options);
}
