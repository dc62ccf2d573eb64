import { OptionChecks } from '../options.js';
import { nextSeed, RandomGenerator } from '../random/index.js';
import { allocate, checkDataType, converter, type DataType } from './dtype.js';
import { checkShape, type Shape, sizeOf } from './shapes.js';
import { Tensor } from './tensor.js';

/*
 * Tensors of random numbers. Each function takes a seed, a whole number in [0, 2^53); by default it comes
 * from the global generator (see setSeed). The same seed gives the same numbers on every machine.
 */

/** Draws uniformly from [minval, maxval). Dtypes without fractions get whole numbers. */
export function randomUniform(
  shape: Shape,
  minval = 0,
  maxval = 1,
  dtype: DataType = 'float32',
  seed?: number,
): Tensor {
  const round = dtype === 'float32' ? (value: number) => value : Math.floor;
  return drawn('randomUniform', shape, dtype, seed, (generator) =>
    round(minval + generator.uniform() * (maxval - minval)),
  );
}

/** Draws from a normal distribution. */
export function randomNormal(
  shape: Shape,
  mean = 0,
  stdDev = 1,
  dtype: DataType = 'float32',
  seed?: number,
): Tensor {
  return drawn('randomNormal', shape, dtype, seed, (generator) => mean + generator.normal() * stdDev);
}

/** Draws from a normal distribution. Numbers more than two `stdDev` from `mean` are drawn again. */
export function truncatedNormal(
  shape: Shape,
  mean = 0,
  stdDev = 1,
  dtype: DataType = 'float32',
  seed?: number,
): Tensor {
  return drawn(
    'truncatedNormal',
    shape,
    dtype,
    seed,
    (generator) => mean + generator.truncatedNormal() * stdDev,
  );
}

function drawn(
  what: string,
  shape: Shape,
  dtype: DataType,
  seed: number | undefined,
  draw: (generator: RandomGenerator) => number,
): Tensor {
  checkShape(shape, what);
  checkDataType(dtype, what);
  const generator = new RandomGenerator(new OptionChecks(what).whole('seed', seed ?? nextSeed(), 0));
  const values = allocate(dtype, sizeOf(shape), what);
  const convert = converter(dtype);
  for (let i = 0; i < values.length; i++) values[i] = convert(draw(generator));
  return new Tensor(values, shape, dtype);
}
