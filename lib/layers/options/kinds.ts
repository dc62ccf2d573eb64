import { type Constraint, type ConstraintIdentifier, getConstraint } from '../../constraints/index.js';
import { getInitializer, type Initializer, type InitializerIdentifier } from '../../initializers/index.js';
import { oneOf } from '../../option-kinds.js';
import { show } from '../../options.js';
import { getRegularizer, type Regularizer, type RegularizerIdentifier } from '../../regularizers/index.js';
import {
  activationConfig,
  type ActivationIdentifier,
  type AppliedActivation,
  readApplied,
} from '../activation/applied.js';
import type { LayerConfig } from '../config.js';
import type { Interpolation } from '../reshaping/lower-resize.js';
import type { Padding } from '../windows.js';
import type { Kind } from './schema.js';

/*
 * Kinds of options that several layers have. A kind that only one layer has stands beside that layer.
 */

export * from '../../option-kinds.js';

/** [height, width], each from 1 up, or one number for both. */
export const pair: Kind<number | readonly [number, number], readonly [number, number]> = {
  read: (checks, name, value) => checks.pair(name, value),
  write: (sizes) => [...sizes],
};

/** A whole number from 1 up, or a list of one, as saved models have it. */
export const single: Kind<number | readonly [number], number> = {
  read: (checks, name, value) => checks.whole(name, itemOf(value), 1),
};

function itemOf(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

/** 'valid' or 'same', for layers without explicit padding. */
export const validOrSame = oneOf('valid', 'same');

/** The option `padding` of layers on images: see `Padding`. */
export const padding: Kind<Padding> = {
  read(checks, name, value) {
    if (value === 'valid' || value === 'same') return value;
    const isPairs =
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((pair) => Array.isArray(pair) && pair.length === 2);
    if (!isPairs) {
      return checks.fail(
        'INVALID_ARGUMENT',
        `${name} is ${show(value)}; it must be 'valid', 'same' or [[top, bottom], [left, right]].`,
      );
    }
    const [[top, bottom], [left, right]] = value.map((pair: unknown[]) =>
      pair.map((cells) => checks.whole(name, cells, 0)),
    );
    return [
      [top, bottom],
      [left, right],
    ];
  },
};

/** How images are interpolated. */
export const interpolation: Kind<Interpolation> = {
  read(checks, name, value) {
    if (value === 'bilinear' || value === 'nearest') return value;
    return checks.fail('UNSUPPORTED', `${name} is ${show(value)}; it can be 'bilinear' or 'nearest'.`);
  },
};

/** The channel axis. Saved models spell it in snake_case. */
export const dataFormat: Kind<'channelsLast'> = {
  read(checks, name, value) {
    if (value === 'channelsLast' || value === 'channels_last') return 'channelsLast';
    return checks.fail(
      'UNSUPPORTED',
      `${name} is ${show(value)}; only 'channelsLast' is supported: images are [height, width, channels].`,
    );
  },
};

/** An activation's name, or an activation layer. */
export const activation: Kind<ActivationIdentifier, AppliedActivation> = {
  read: (checks, _name, value) => readApplied(checks, value),
  write: activationConfig,
};

/** How a weight is initialized. */
export const initializer: Kind<InitializerIdentifier, Initializer> = {
  read: (_checks, _name, value) => getInitializer(value as InitializerIdentifier),
  write: serialized,
};

/** The penalty of a weight. */
export const regularizer: Kind<RegularizerIdentifier, Regularizer> = {
  read: (_checks, _name, value) => getRegularizer(value as RegularizerIdentifier),
  write: serialized,
};

/** The constraint of a weight after each update. */
export const constraint: Kind<ConstraintIdentifier, Constraint> = {
  read: (_checks, _name, value) => getConstraint(value as ConstraintIdentifier),
  write: serialized,
};

function serialized(part: Initializer | Regularizer | Constraint): LayerConfig {
  return { className: part.className, config: part.getConfig() };
}
