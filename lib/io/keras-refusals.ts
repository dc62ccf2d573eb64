import { isLayerClass } from '../layers/registry.js';
import { isModelClass } from '../network/saved-config.js';
import { unsupported } from './failures.js';
import { warn } from '../warnings.js';
import { isKnownOperator } from './keras-operators.js';
import { isOperator } from './read-operator.js';
import { isObject, type JsonObject } from './read-model-json.js';

/** Policies under which Keras keeps variables in float32 and computes in less. */
const MIXED: ReadonlySet<unknown> = new Set(['mixed_float16', 'mixed_bfloat16']);

/** Deepest nesting of objects to examine; readers of configs refuse deeper ones. */
const MAX_DEPTH = 128;

/**
 * Refuses a model with layers that this version doesn't have, naming all of them, and one whose config names
 * Python code. Nothing of the file is run. Throws UNSUPPORTED.
 */
export function checkKerasConfig(file: string, model: JsonObject): void {
  const missing: string[] = [];
  visitLayers(model, 0, (layer, name) => {
    const { class_name: className, config, registered_name: registered } = layer;
    if (typeof className !== 'string') return;
    if (isOperator(layer)) {
      if (!isKnownOperator(className)) missing.push(`'${name}' (the operator ${className})`);
    } else if (!isModelClass(className) && !isLayerClass(className)) {
      const full = typeof registered === 'string' && registered.includes('>') ? registered : className;
      missing.push(`'${name}' (${full})`);
    } else if (isObject(config)) checkCode(file, name, config);
  });
  if (missing.length === 0) return;
  throw unsupported(
    file,
    `there ${missing.length === 1 ? 'is no such layer' : 'are no such layers'} here: ${missing.join(', ')}; replace them in Keras, and save the model again`,
  );
}

function visitLayers(
  model: JsonObject,
  depth: number,
  visit: (layer: JsonObject, name: string) => void,
): void {
  const { config } = model;
  const layers = Array.isArray(config) ? config : isObject(config) ? config.layers : undefined;
  if (!Array.isArray(layers) || depth > MAX_DEPTH) return;
  for (const layer of layers) {
    if (!isObject(layer)) continue;
    const own = isObject(layer.config) ? layer.config.name : undefined;
    visit(layer, String(layer.name ?? own));
    if (typeof layer.class_name === 'string' && isModelClass(layer.class_name))
      visitLayers(layer, depth + 1, visit);
  }
}

/** Refuses options that are Python functions, or classes of modules other than Keras's. */
function checkCode(file: string, layer: string, config: JsonObject): void {
  for (const [option, value] of Object.entries(config)) {
    if (!isObject(value)) continue;
    const { class_name: className, module } = value;
    if (className === '__lambda__') {
      throw unsupported(file, `the ${option} of '${layer}' is Python code, which is never run`);
    }
    if (typeof module === 'string' && !/^(keras|tf_keras|tensorflow|builtins)(\.|$)/.test(module)) {
      throw unsupported(
        file,
        `the ${option} of '${layer}' is ${module}.${String(className)}, which is no part of Keras`,
      );
    }
  }
}

/** A config in which mixed-precision policies are float32, as which such models are computed. */
export function inFloat32<T>(value: T, depth = 0): T {
  if (value === null || typeof value !== 'object' || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((each) => inFloat32(each, depth + 1)) as T;
  const entries = Object.entries(value).map(([key, each]) => [
    key,
    key === 'dtype' && MIXED.has(policyName(each)) ? 'float32' : inFloat32(each, depth + 1),
  ]);
  return Object.fromEntries(entries) as T;
}

/** Says once for each file that a mixed-precision policy counts as float32. */
export function tellPolicy(file: string, model: JsonObject): void {
  const policy = findPolicy(model, 0);
  if (policy === undefined) return;
  warn(`${file}: the model has the policy ${policy}; here it is computed in float32.`);
}

function findPolicy(value: unknown, depth: number): string | undefined {
  if (value === null || typeof value !== 'object' || depth > MAX_DEPTH) return undefined;
  for (const [key, each] of Object.entries(value)) {
    const name = key === 'dtype' ? policyName(each) : undefined;
    if (MIXED.has(name)) return String(name);
    const inside = findPolicy(each, depth + 1);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function policyName(dtype: unknown): unknown {
  return isObject(dtype) && isObject(dtype.config) ? dtype.config.name : dtype;
}
