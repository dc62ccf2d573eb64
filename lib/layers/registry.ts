import { ConvforgeError } from '../errors.js';
import { show, unknownName } from '../options.js';
import { Layer, type LayerClass } from './base-layer.js';
import * as layers from './index.js';

/** Class name to layer class, for loading models. A Map, so that no name ("constructor", "__proto__") finds what isn't a layer. */
let classes: ReadonlyMap<string, LayerClass> | undefined;

/** Made when it is first asked for: layers that hold others look them up, so that not all are there when this module is read. */
function layerClasses(): ReadonlyMap<string, LayerClass> {
  classes ??= new Map(
    Object.values(layers)
      .filter((exported) => isConcreteLayer(exported))
      .map((layerClass) => [layerClass.className, layerClass]),
  );
  return classes;
}

/** The layer class of this name. Throws UNSUPPORTED if there is none. */
export function layerClass(className: unknown): LayerClass {
  const found = typeof className === 'string' ? layerClasses().get(className) : undefined;
  if (found) return found;
  const problem =
    typeof className === 'string'
      ? unknownName('layer class', className, [...layerClasses().keys()])
      : `a layer's class name is ${show(className)}; it must be a string.`;
  throw new ConvforgeError('UNSUPPORTED', problem);
}

function isConcreteLayer(exported: unknown): exported is LayerClass {
  return typeof exported === 'function' && exported.prototype instanceof Layer;
}
