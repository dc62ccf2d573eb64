import { camelCase } from '../camel-case.js';
import { ConvforgeError } from '../errors.js';
import { show } from '../options.js';
import type { Schema } from './options/schema.js';

/** A layer's options as plain data, with camelCase keys. */
export type LayerConfig = Record<string, unknown>;

/** Of inputs, too. */
const FLOAT_TYPES: readonly unknown[] = ['float32', 'float16', 'float64', 'bfloat16'];

/** Of inputs, whose numbers are taken as they are. */
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

/** Whether a config's `dtype` says nothing, as it does for all layers but those that take inputs. */
function isUsualType(value: unknown, config: LayerConfig): boolean {
  const dtype = dtypeName(value);
  // Of a first layer it is what goes in.
  return dtype === 'float32' || (config.batchInputShape != null && WHOLE_TYPES.includes(dtype));
}

/** The type's name, in camelCase; Keras may write a policy of that name. */
function dtypeName(dtype: unknown): unknown {
  const { className, config } = (dtype ?? {}) as LayerConfig;
  const isPolicy = className === 'DTypePolicy' || className === 'Policy';
  const name = isPolicy ? (config as LayerConfig | undefined)?.name : dtype;
  return typeof name === 'string' ? camelCase(name) : name;
}

/** What an input's numbers are, in a config: 'int32' for all whole ones, and 'float32' for others. Undefined for what is no number. */
export function inputType(dtype: unknown): 'float32' | 'int32' | 'bool' | undefined {
  const name = dtypeName(dtype);
  if (name === 'bool') return name;
  if (WHOLE_TYPES.includes(name)) return 'int32';
  return FLOAT_TYPES.includes(name) ? 'float32' : undefined;
}

/** A config with a key under another name, as other versions write it. */
export function renameKey(config: LayerConfig, from: string, to: string): LayerConfig {
  if (!Object.hasOwn(config, from)) return config;
  const { [from]: value, ...others } = config;
  return { ...others, [to]: value };
}

/** What tells the options in a config of a layer class. */
interface ConfigRules {
  readonly className: string;
  readonly schema: Schema;
  readonly ignoredConfig: Readonly<Record<string, unknown>>;
}

/**
 * The options in a saved config: without nulls (a regularizer that isn't there) and keys that the class ignores. UNSUPPORTED for
 * anything else that it doesn't take, since ignoring it would give a different model.
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
        `${layer}: the saved ${layerClass.className} has ${key} ${show(value)}, which this version can't do.`,
        { layer },
      );
    }
  }
  return options;
}
