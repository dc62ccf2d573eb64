import type { OptionChecks } from '../options.js';
import type { OptimizerSettings } from '../program/optimizer-description.js';
import type { OptimizerOptions } from './base-optimizer.js';

/** What optimizers share beside the learning rate, without what is left at its default. */
export type Settings = Omit<OptimizerSettings, 'learningRate'>;

export function readSettings(
  checks: OptionChecks,
  options: OptimizerOptions,
  defaultDecay: number | undefined,
): Settings {
  const above0 = (name: keyof OptimizerOptions) => {
    const value = options[name];
    if (value === undefined || value === null) return {};
    return { [name]: checks.number(name, value, (limit) => limit > 0, 'a finite number above 0') };
  };
  const whole = (name: keyof OptimizerOptions) => {
    const value = options[name];
    return value === undefined || value === null ? {} : { [name]: checks.whole(name, value, 1) };
  };
  const clipping = { ...above0('clipNorm'), ...above0('globalClipNorm'), ...above0('clipValue') };
  if (Object.keys(clipping).length > 1) {
    checks.fail(
      'INVALID_ARGUMENT',
      `${Object.keys(clipping).join(' and ')} can't be had together; give one of clipNorm, globalClipNorm and clipValue.`,
    );
  }
  const decay = options.weightDecay ?? defaultDecay;
  return {
    ...(decay !== undefined && {
      weightDecay: checks.number('weightDecay', decay, (share) => share >= 0, 'a finite number from 0 up'),
    }),
    ...clipping,
    ...readAveraging(checks, options, whole('emaOverwriteFrequency')),
    ...whole('gradientAccumulationSteps'),
  };
}

function readAveraging(checks: OptionChecks, options: OptimizerOptions, frequency: Settings): Settings {
  const emaMomentum = checks.number(
    'emaMomentum',
    options.emaMomentum ?? 0.99,
    (momentum) => momentum >= 0 && momentum < 1,
    'a number in [0, 1)',
  );
  if (checks.boolean('useEma', options.useEma ?? false)) return { useEma: true, emaMomentum, ...frequency };
  const needless = options.emaMomentum !== undefined || frequency.emaOverwriteFrequency !== undefined;
  if (needless) {
    checks.fail('INVALID_ARGUMENT', 'emaMomentum and emaOverwriteFrequency need useEma: true.');
  }
  return {};
}
