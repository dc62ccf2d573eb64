import { ConvforgeError } from '../errors.js';
import type { Layer } from '../layers/base-layer.js';

/** The names of a model's layers. */
export class LayerNames {
  readonly #taken = new Set<string>();
  /** By prefix: a number below which no name is free. */
  readonly #firstFree = new Map<string, number>();

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /** Names a layer that has no name: "conv2d_2", the first free name of that form. */
  name(layer: Layer): void {
    if (!layer.isNamed) layer.nameByModel(this.#freeName(layer));
  }

  add(layer: Layer): void {
    this.#taken.add(layer.name);
  }

  delete(layer: Layer): void {
    this.#taken.delete(layer.name);
    this.#firstFree.clear();
  }

  #freeName(layer: Layer): string {
    const prefix = layer.getClassName() === 'InputLayer' ? 'input' : layer.label;
    let number = this.#firstFree.get(prefix) ?? 1;
    while (this.#taken.has(`${prefix}_${number}`)) number++;
    this.#firstFree.set(prefix, number);
    return `${prefix}_${number}`;
  }
}

/** Names the unnamed layers. Throws INVALID_ARGUMENT if two layers have the same name. */
export function nameLayers(model: string, layers: readonly Layer[]): void {
  const names = new LayerNames();
  const named = layers.filter(({ isNamed }) => isNamed);
  const unnamed = layers.filter(({ isNamed }) => !isNamed);
  for (const layer of named) {
    if (names.has(layer.name)) {
      throw new ConvforgeError(
        'INVALID_ARGUMENT',
        `${model} would have two layers called '${layer.name}'; give one of them another name.`,
        { layer: layer.name },
      );
    }
    names.add(layer);
  }
  for (const layer of unnamed) {
    names.name(layer);
    names.add(layer);
  }
}
