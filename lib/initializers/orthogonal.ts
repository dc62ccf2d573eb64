import { finite } from '../option-kinds.js';
import { type FieldsOf, optional, type SchemaOf } from '../option-schema.js';
import type { Shape } from '../program/description.js';
import type { RandomGenerator } from '../random/index.js';
import { showShape, sizeOf } from '../tensor/shapes.js';
import { SEED_SCHEMA, SeededInitializer, type SeedOptions } from './base-seeded-initializer.js';

/** Options of {@link Orthogonal}. */
export interface OrthogonalOptions extends SeedOptions {
  /** The length of the orthogonal vectors. Default 1. */
  gain?: number;
}

const ORTHOGONAL_SCHEMA = {
  gain: optional(finite, 1),
  ...SEED_SCHEMA,
} satisfies SchemaOf<OrthogonalOptions>;

export interface Orthogonal extends FieldsOf<typeof ORTHOGONAL_SCHEMA> {}

/**
 * Makes a random matrix whose columns (or rows, if they are fewer) are orthogonal and of length `gain`: Saxe,
 * McClelland and Ganguli (ICLR 2014). For a weight of more than two axes, all axes but the last form the
 * rows. The matrix is uniform among such matrices: its columns are those of a normal matrix after
 * Gram-Schmidt orthogonalization.
 */
export class Orthogonal extends SeededInitializer {
  readonly className = 'Orthogonal';

  constructor(options: OrthogonalOptions = {}) {
    super('orthogonal', options, ORTHOGONAL_SCHEMA);
  }

  build(shape: Shape, random: RandomGenerator): Float32Array {
    if (shape.length < 2) {
      this.checks.fail(
        'INVALID_ARGUMENT',
        `a weight of shape ${showShape(shape)} has fewer than two axes, so it has no rows and columns.`,
      );
    }
    const columns = shape[shape.length - 1];
    const rows = sizeOf(shape) / columns;
    const vectors = orthonormal(Math.min(rows, columns), Math.max(rows, columns), this.source(random));
    return Float32Array.from({ length: rows * columns }, (_, index) => {
      const row = Math.floor(index / columns);
      const column = index % columns;
      return this.gain * (rows >= columns ? vectors[column][row] : vectors[row][column]);
    });
  }
}

/** `count` orthogonal unit vectors of `size` elements. */
function orthonormal(count: number, size: number, random: RandomGenerator): Float64Array[] {
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length: size }, () => random.normal());
    // Orthogonalizes twice, since rounding leaves a remainder after the first time.
    for (const other of [...vectors, ...vectors]) {
      const share = dot(vector, other);
      for (let i = 0; i < size; i++) vector[i] -= share * other[i];
    }
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((value) => value / norm));
  }
  return vectors;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
