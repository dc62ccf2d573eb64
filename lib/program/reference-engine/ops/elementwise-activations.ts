import type { NodeDescription } from '../../description.js';
import { fail, finiteNumber } from '../checks.js';
import { erf } from '../error-function.js';

/** An activation that works by element, with its attributes filled in. */
export interface Elementwise {
  f(x: number): number;
  derivative(x: number): number;
}

/** An attribute that is `fallback` where it is missing. */
function atLeastZero(node: NodeDescription, name: string, fallback: number): number {
  if (node.attributes[name] === undefined) return fallback;
  const value = finiteNumber(node, name);
  if (value < 0) fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be a number from 0 up.`);
  return value;
}

function flag(node: NodeDescription, name: string): boolean {
  const value = node.attributes[name] ?? false;
  if (typeof value !== 'boolean') {
    fail(node, 'INVALID_ARGUMENT', `${name} is ${value}; it must be true or false.`);
  }
  return value;
}

/** x as a factor of what is 0 at -Infinity, or at either infinity, where the product would be NaN and its limit is 0. */
const fromBelow = (x: number) => Math.max(x, -1000);
const bounded = (x: number) => Math.min(Math.max(x, -1000), 1000);

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const hardSigmoid = (x: number, slope = 1 / 6) => Math.min(1, Math.max(0, slope * x + 0.5));

function relu(node: NodeDescription): Elementwise {
  const slope = atLeastZero(node, 'negativeSlope', 0);
  const threshold = atLeastZero(node, 'threshold', 0);
  const maximum = atLeastZero(node, 'maxValue', Number.POSITIVE_INFINITY);
  if (maximum === 0) fail(node, 'INVALID_ARGUMENT', 'maxValue is 0; it must be a positive number.');
  // A slope of 0 gives 0 for -Infinity, too.
  const least = slope === 0 ? -Number.MAX_VALUE : Number.NEGATIVE_INFINITY;
  return {
    f: (x) => (x > threshold ? Math.min(x, maximum) : slope * Math.max(x - threshold, least) + 0),
    derivative: (x) =>
      x > threshold ? (x < maximum || maximum === Number.POSITIVE_INFINITY ? 1 : 0) : slope,
  };
}

function elu(factor: number, alpha: number): Elementwise {
  return {
    f: (x) => factor * (x > 0 ? x : alpha * Math.expm1(x)),
    derivative: (x) => factor * (x > 0 ? 1 : alpha * Math.exp(x)),
  };
}

function hardSigmoidOf(node: NodeDescription): Elementwise {
  const slope = atLeastZero(node, 'slope', 1 / 6);
  if (slope === 0) fail(node, 'INVALID_ARGUMENT', 'slope is 0; it must be a positive number.');
  return {
    f: (x) => hardSigmoid(x, slope),
    derivative: (x) => (Math.abs(slope * x) < 0.5 ? slope : 0),
  };
}

function gelu(): Elementwise {
  const distribution = (x: number) => 0.5 * (1 + erf(x / Math.SQRT2));
  return {
    f: (x) => fromBelow(x) * distribution(x),
    derivative: (x) => distribution(x) + (bounded(x) * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI),
  };
}

function geluByTanh(): Elementwise {
  const scale = Math.sqrt(2 / Math.PI);
  const t = (x: number) => Math.tanh(scale * (x + 0.044715 * x ** 3));
  return {
    f: (x) => 0.5 * fromBelow(x) * (1 + t(x)),
    derivative(value) {
      const x = bounded(value);
      return 0.5 * (1 + t(x) + x * (1 - t(x) ** 2) * scale * (1 + 0.134145 * x * x));
    },
  };
}

/** The activations that work by element, and the attributes that each may have. */
export const ELEMENTWISE: Record<
  string,
  { attributes: readonly string[]; make(node: NodeDescription): Elementwise }
> = {
  relu: { attributes: ['negativeSlope', 'maxValue', 'threshold'], make: relu },
  elu: { attributes: ['alpha'], make: (node) => elu(1, atLeastZero(node, 'alpha', 1)) },
  selu: plain(elu(1.0507009873554805, 1.6732632423543772)),
  gelu: {
    attributes: ['approximate'],
    make: (node) => (flag(node, 'approximate') ? geluByTanh() : gelu()),
  },
  exponential: plain({ f: Math.exp, derivative: Math.exp }),
  sigmoid: plain({ f: sigmoid, derivative: (x) => sigmoid(x) * (1 - sigmoid(x)) }),
  hardSigmoid: { attributes: ['slope'], make: hardSigmoidOf },
  tanh: plain({ f: Math.tanh, derivative: (x) => 1 - Math.tanh(x) ** 2 }),
  softplus: plain({ f: softplus, derivative: sigmoid }),
  softsign: plain({
    f: (x) => (Math.abs(x) === Number.POSITIVE_INFINITY ? Math.sign(x) : x / (1 + Math.abs(x))),
    derivative: (x) => 1 / (1 + Math.abs(x)) ** 2,
  }),
  silu: plain({
    f: (x) => fromBelow(x) * sigmoid(x),
    derivative: (x) => sigmoid(x) * (1 + bounded(x) * (1 - sigmoid(x))),
  }),
  mish: plain({
    f: (x) => fromBelow(x) * Math.tanh(softplus(x)),
    derivative: (x) => {
      const t = Math.tanh(softplus(x));
      return t + bounded(x) * (1 - t * t) * sigmoid(x);
    },
  }),
  hardSwish: plain({
    f: (x) => fromBelow(x) * hardSigmoid(x),
    derivative: (x) => (x > 3 ? 1 : x < -3 ? 0 : x / 3 + 0.5),
  }),
};

function plain(functions: Elementwise): (typeof ELEMENTWISE)[string] {
  return { attributes: [], make: () => functions };
}
