import type { AttributesOf } from '../../description.js';
import { oneOf } from '../checks.js';
import { erf } from '../error-function.js';
import type { Op } from '../op.js';

interface Unary {
  f(x: number): number;
  derivative(x: number): number;
}

/** A function that is constant between its jumps. */
const steps = (f: (x: number) => number): Unary => ({ f, derivative: () => 0 });

/** Math.round takes halves up. */
function roundHalfToEven(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

const UNARIES: Record<AttributesOf<'unary'>['kind'], Unary> = {
  abs: { f: Math.abs, derivative: Math.sign },
  negative: { f: (x) => -x, derivative: () => -1 },
  sign: steps(Math.sign),
  floor: steps(Math.floor),
  ceil: steps(Math.ceil),
  round: steps(roundHalfToEven),
  log: { f: Math.log, derivative: (x) => 1 / x },
  log1p: { f: Math.log1p, derivative: (x) => 1 / (1 + x) },
  expm1: { f: Math.expm1, derivative: Math.exp },
  sqrt: { f: Math.sqrt, derivative: (x) => 0.5 / Math.sqrt(x) },
  rsqrt: { f: (x) => 1 / Math.sqrt(x), derivative: (x) => -0.5 / (x * Math.sqrt(x)) },
  square: { f: (x) => x * x, derivative: (x) => 2 * x },
  reciprocal: { f: (x) => 1 / x, derivative: (x) => -1 / (x * x) },
  erf: { f: erf, derivative: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) },
  sin: { f: Math.sin, derivative: Math.cos },
  cos: { f: Math.cos, derivative: (x) => -Math.sin(x) },
  logicalNot: steps((x) => (x === 0 ? 1 : 0)),
  isNaN: steps((x) => (Number.isNaN(x) ? 1 : 0)),
};

export const unary: Op<'unary'> = {
  check: (node) => void oneOf(node, 'kind', Object.keys(UNARIES)),
  forward({ node, input, output }) {
    const { f } = UNARIES[node.attributes.kind];
    for (let i = 0; i < input.length; i++) output[i] = f(input[i]);
  },
  backward({ node, input, outputGradient, inputGradient }) {
    const { derivative } = UNARIES[node.attributes.kind];
    for (let i = 0; i < input.length; i++) inputGradient[i] = outputGradient[i] * derivative(input[i]);
  },
};
