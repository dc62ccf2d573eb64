import type { Writer } from './origin.js';
import { isObject, type JsonObject } from './read-model-json.js';

/**
 * A layer's config without what TF.js 4.22 writes by mistake. It computes a DepthwiseConv2D without its dilation, so that its kernel has
 * learned to do without; and writes the layer's regularizer as its constraint, too.
 */
export function withoutFaults(writer: Writer, className: string, config: JsonObject): JsonObject {
  if (writer !== 'tfjs' || className !== 'DepthwiseConv2D') return config;
  const { dilationRate, depthwiseConstraint, ...rest } = config;
  const isRegularizer = isObject(depthwiseConstraint) && /^L[12]/.test(String(depthwiseConstraint.className));
  return isRegularizer ? rest : { ...rest, depthwiseConstraint };
}
