import { ConvforgeError } from '../errors.js';
import type { Layer } from '../layers/base-layer.js';
import { snakeCase } from '../layers/snake-case.js';

/**
 * Names the unnamed layers: "conv2d_2" for the second Conv2D. Throws INVALID_ARGUMENT if two layers have the
 * same name.
 */
export function nameLayers(model: string, layers: readonly Layer[]): void {
  const taken = new Set<string>();
  for (const layer of layers.filter(({ isNamed }) => isNamed)) {
    if (taken.has(layer.name)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `${model} would have two layers called '${layer.name}'; give one of them another name.`,
        { layer: layer.name },
      );
    }
    taken.add(layer.name);
  }
  for (const layer of layers) {
    if (layer.isNamed) continue;
    layer.nameByModel(freeName(layer, taken));
    taken.add(layer.name);
  }
}

/** The first free name of the form "conv2d_2". */
export function freeName(layer: Layer, taken: ReadonlySet<string>): string {
  const className = layer.getClassName();
  const prefix = className === 'InputLayer' ? 'input' : snakeCase(className);
  let number = 1;
  while (taken.has(`${prefix}_${number}`)) number++;
  return `${prefix}_${number}`;
}
