import { camelCase } from '../camel-case.js';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import type { Schema } from './options/schema.js';

/** A layer's options as plain data, with camelCase keys. */
export type LayerConfig = Record<string, unknown>;

/** Types that a config may give inputs with fractional values. */
const FLOAT_TYPES: readonly unknown[] = ['float32', 'float16', 'float64', 'bfloat16'];

/** Types that a config may give inputs with whole values. They are converted to float32 unchanged. */
const WHOLE_TYPES: readonly unknown[] = [
  'int32',
  'int8',
  'int16',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
];

function isIgnored(key: string, value: unknown, ignored: ConfigRules['ignoredConfig']): boolean {
  return Object.hasOwn(ignored, key) && ignored[key] === value;
}

/** Whether a config's `dtype` may be ignored: float32, or the type of a first layer's inputs. */
function isUsualType(value: unknown, config: LayerConfig): boolean {
  const dtype = dtypeName(value);
  // The dtype of a first layer is that of its inputs.
  return dtype === 'float32' || (config.batchInputShape != null && WHOLE_TYPES.includes(dtype));
}

/** The type's name in camelCase. Keras may write a policy with that name instead. */
function dtypeName(dtype: unknown): unknown {
  const { className, config } = (dtype ?? {}) as LayerConfig;
  const isPolicy = className === 'DTypePolicy' || className === 'Policy';
  const name = isPolicy ? (config as LayerConfig | undefined)?.name : dtype;
  return typeof name === 'string' ? camelCase(name) : name;
}

/**
 * The type of an input in a config: 'int32' for all whole types, 'float32' for fractional ones, undefined for
 * types that aren't numbers.
 */
export function inputType(dtype: unknown): 'float32' | 'int32' | 'bool' | undefined {
  const name = dtypeName(dtype);
  if (name === 'bool') return name;
  if (WHOLE_TYPES.includes(name)) return 'int32';
  return FLOAT_TYPES.includes(name) ? 'float32' : undefined;
}

/** Renames a key that other versions write differently. */
export function renameKey(config: LayerConfig, from: string, to: string): LayerConfig {
  if (!Object.hasOwn(config, from)) return config;
  const { [from]: value, ...others } = config;
  return { ...others, [to]: value };
}

/** The parts of a layer class that decide which keys of a config are options. */
interface ConfigRules {
  readonly className: string;
  readonly schema: Schema;
  readonly ignoredConfig: Readonly<Record<string, unknown>>;
}

/**
 * Reads the options from a saved config. It skips nulls (such as a missing regularizer) and keys that the
 * class ignores. Throws UNSUPPORTED for any other unknown key, since ignoring it would give a different
 * model.
 */
export function configOptions(layerClass: ConfigRules, config: LayerConfig): LayerConfig {
  const { schema, ignoredConfig } = layerClass;
  const options: LayerConfig = {};
  for (const [key, value] of Object.entries(config)) {
    if (value === null || value === undefined) continue;
    if (Object.hasOwn(schema, key)) {
      options[key] = value;
    } else if (key === 'dtype' ? !isUsualType(value, config) : !isIgnored(key, value, ignoredConfig)) {
      const layer = typeof config.name === 'string' ? config.name : layerClass.className;
      throw new ConvforgeError(
        'UNSUPPORTED',
        `${layer}: the saved ${layerClass.className} has ${key} ${show(value)}, which this version doesn't support.`,
        { layer },
      );
    }
  }
  return options;
}
