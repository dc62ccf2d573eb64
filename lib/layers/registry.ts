import { ConvforgeError } from '../errors.js';
import { show, unknownName } from '../options.js';
import { Layer, type LayerClass } from './base-layer.js';
import * as layers from './index.js';
import { Operation } from './operation/index.js';

/**
 * Layer classes by name, for loading models. A Map, so that names such as "constructor" or "__proto__" find
 * nothing.
 */
let classes: ReadonlyMap<string, LayerClass> | undefined;

/** Filled on first use: layers that wrap others import this module before all classes are defined. */
function layerClasses(): ReadonlyMap<string, LayerClass> {
  classes ??= new Map(
    [...Object.values(layers), Operation]
      .filter((exported) => isConcreteLayer(exported))
      .map((layerClass) => [layerClass.className, layerClass]),
  );
  return classes;
}

/** Finds a layer class by its name. Throws UNSUPPORTED if there is none. */
export function layerClass(className: unknown): LayerClass {
  const found = typeof className === 'string' ? layerClasses().get(className) : undefined;
  if (found) return found;
  const problem =
    typeof className === 'string'
      ? unknownName('layer class', className, [...layerClasses().keys()])
      : `a layer's class name is ${show(className)}; it must be a string.`;
  throw new ConvforgeError('UNSUPPORTED', problem);
}

/** Whether there is a layer class of this name. */
export function isLayerClass(className: string): boolean {
  return layerClasses().has(className);
}

function isConcreteLayer(exported: unknown): exported is LayerClass {
  return typeof exported === 'function' && exported.prototype instanceof Layer;
}
