import { ConvforgeError } from '../errors.js';
import { sizeOf, type Shape } from '../tensor/shapes.js';
import { isExpression, type Size } from './sizes.js';

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
  /**
   * The same as float32, decoded in slices, where there may be many: a view of the file, or numbers that are the
   * caller's own. Absent where `elements` are at hand.
   */
  inSlices?(): FloatsInSlices;
}

export type FloatsInSlices = Generator<void, DataView | Float32Array>;

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

/** Numbers to make before yielding. */
const MADE = 2 ** 17;

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

class Uniform extends Lazy {
  readonly #value: number;

  constructor(type: ElementType, shape: Shape, value: number) {
    const Elements = type === 'float' ? Float32Array : Float64Array;
    super(type, shape, true, true, undefined, () => new Elements(sizeOf(shape)).fill(value));
    this.#value = value;
  }

  inSlices(): FloatsInSlices {
    return filledInSlices(sizeOf(this.shape), this.#value);
  }
}

class Reshaped extends Lazy {
  readonly #from: Constant;

  constructor(from: Constant, shape: Shape) {
    const { type, isKnown, isWeight = false, range } = from;
    super(type, shape, isKnown, isWeight, range, () => from.elements);
    this.#from = from;
  }

  inSlices(): FloatsInSlices {
    return floatsOf(this.#from);
  }
}

/** A constant of equal elements. */
export function uniform(type: ElementType, shape: Shape, value: number): Constant {
  return new Uniform(type, shape, value);
}

/** This many equal numbers, made in slices. */
export function* filledInSlices(count: number, value: number): Generator<void, Float32Array> {
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += MADE) {
    yield;
    values.fill(value, at, at + MADE);
  }
  return values;
}

/** A weight whose elements are numbers that are made when they are used. */
export function decoded(type: ElementType, shape: Shape, make: () => Elements): Constant {
  return new Lazy(type, shape, true, true, undefined, make);
}

/**
 * The elements as float32: a view of the file's bytes, or an array of the caller's own. Throws UNSUPPORTED for
 * sizes that aren't known.
 */
export function* floatsOf(from: Constant): FloatsInSlices {
  if (from.inSlices) return yield* from.inSlices();
  const { elements } = from;
  const values = new Float32Array(elements.length);
  for (let at = 0; at < values.length; at += MADE) {
    const end = Math.min(at + MADE, values.length);
    for (let i = at; i < end; i++) values[i] = numberOf(elements[i]);
    yield;
  }
  return values;
}

/** Throws UNSUPPORTED for a size that isn't known. */
export function numberOf(size: Size): number {
  if (!isExpression(size)) return size;
  throw new ConvforgeError('UNSUPPORTED', 'it needs a number that depends on sizes of the inputs');
}

/** The same elements in another shape of as many. */
export function reshaped(from: Constant, shape: Shape): Constant {
  return new Reshaped(from, shape);
}
