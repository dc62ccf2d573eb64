import { ConvforgeError } from '../errors.js';
import type { Initializer } from '../initializers/index.js';
import { show } from '../options.js';

/** A layer's options as plain data, with camelCase keys. */
export type LayerConfig = Record<string, unknown>;

/** Keys that saved models carry beside a layer's own options, with the one value that means nothing here. */
const NEUTRAL: Readonly<Record<string, unknown>> = {
  dtype: 'float32',
  trainable: true,
  dataFormat: 'channelsLast',
  groups: 1,
  sparse: false,
  ragged: false,
  optional: false,
  synchronized: false,
  renorm: false,
  rmsScaling: false,
  invert: false,
  maskZero: false,
  antialias: false,
  padToAspectRatio: false,
  fillMode: 'constant',
  fillValue: 0,
};

function isNeutral(key: string, value: unknown): boolean {
  return Object.hasOwn(NEUTRAL, key) && NEUTRAL[key] === (key === 'dtype' ? dtypeName(value) : value);
}

/** Keras 3 writes a policy, whose name is that of the type. */
function dtypeName(dtype: unknown): unknown {
  const { className, config } = (dtype ?? {}) as LayerConfig;
  return className === 'DTypePolicy' ? (config as LayerConfig | undefined)?.name : dtype;
}

/** A config with a key under another name, as other versions write it. */
export function renameKey(config: LayerConfig, from: string, to: string): LayerConfig {
  if (!Object.hasOwn(config, from)) return config;
  const { [from]: value, ...others } = config;
  return { ...others, [to]: value };
}

/**
 * The options in a saved config: without nulls (a regularizer that isn't there) and neutral keys. UNSUPPORTED for anything else
 * that the class doesn't take, since ignoring it would give a different model.
 */
export function configOptions(
  layerClass: { className: string; optionNames: Readonly<Record<string, true>> },
  config: LayerConfig,
): LayerConfig {
  const options: LayerConfig = {};
  for (const [key, value] of Object.entries(config)) {
    if (value === null || value === undefined) continue;
    if (Object.hasOwn(layerClass.optionNames, key)) {
      options[key] = value;
    } else if (!isNeutral(key, value)) {
      const layer = typeof config.name === 'string' ? config.name : layerClass.className;
      throw new ConvforgeError(
        'UNSUPPORTED',
        `${layer}: the saved ${layerClass.className} has ${key} ${show(value)}, which this version can't do.`,
        { layer },
      );
    }
  }
  return options;
}

/** An initializer in a config. */
export function initializerConfig(initializer: Initializer): LayerConfig {
  return { className: initializer.className, config: initializer.getConfig() };
}
