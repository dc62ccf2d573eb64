import { sizeOf, type Shape } from '../tensor/shapes.js';
import type { Size } from './sizes.js';

/** Types of elements that are told apart. Half and double precision count as 'float'. */
export type ElementType = 'float' | 'integer' | 'bool';

/** Elements, in row-major order. Integers may be sizes that are known only when the model runs. */
export type Elements = Readonly<ArrayLike<Size>>;

/** A tensor that is known without the model's inputs. */
export interface Constant {
  readonly kind: 'constant';
  readonly shape: Shape;
  readonly type: ElementType;
  /** Limits of a quantized type, [0, 255] for uint8. */
  readonly range?: readonly [number, number] | undefined;
  /** Whether it is a tensor of the file, whole and not computed: one that training may change. */
  readonly isWeight?: boolean;
  /** Whether all elements are numbers. */
  readonly isKnown: boolean;
  /** Decodes them; large ones anew each time, so that no copy stays in memory. */
  readonly elements: Elements;
}

/** A constant of these elements. */
export function constant(type: ElementType, shape: Shape, elements: Elements): Constant {
  const isKnown = !Array.isArray(elements) || elements.every((each) => typeof each === 'number');
  return { kind: 'constant', type, shape, elements, isKnown };
}

export function scalar(value: Size, type: ElementType = 'integer'): Constant {
  return constant(type, [], [value]);
}

export function vector(values: readonly Size[], type: ElementType = 'integer'): Constant {
  return constant(type, [values.length], values);
}

/** A constant whose elements are made when they are used. Copies by `...` leave them out. */
class Lazy implements Constant {
  readonly kind = 'constant';
  readonly #make: () => Elements;

  constructor(
    readonly type: ElementType,
    readonly shape: Shape,
    readonly isKnown: boolean,
    readonly isWeight: boolean,
    readonly range: readonly [number, number] | undefined,
    make: () => Elements,
  ) {
    this.#make = make;
  }

  get elements(): Elements {
    return this.#make();
  }
}

/** A constant of equal elements. */
export function uniform(type: ElementType, shape: Shape, value: number): Constant {
  const Elements = type === 'float' ? Float32Array : Float64Array;
  return decoded(type, shape, () => new Elements(sizeOf(shape)).fill(value));
}

/** A weight whose elements are numbers that are made when they are used. */
export function decoded(type: ElementType, shape: Shape, make: () => Elements): Constant {
  return new Lazy(type, shape, true, true, undefined, make);
}

/** The same elements in another shape of as many. */
export function reshaped(from: Constant, shape: Shape): Constant {
  const { type, isKnown, isWeight = false, range } = from;
  return new Lazy(type, shape, isKnown, isWeight, range, () => from.elements);
}
