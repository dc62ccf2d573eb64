import type { Shape } from '../../description.js';
import { checkFlag, elementCount } from '../checks.js';
import { broadcastPlaces } from '../broadcast.js';
import type { ForwardCall, Op } from '../op.js';

/** Where the elements of op(A) [m, k] and op(B) [k, n] lie, and which matrices meet. */
interface Products {
  m: number;
  n: number;
  k: number;
  /** For each product, the index of its matrix in a sample of each input. */
  matrices: readonly [Int32Array, Int32Array];
}

function productsOf({ node, inputShapes, outputShape }: ForwardCall<'matMul'>): Products {
  const [m, n] = outputShape.slice(-2);
  const leading = outputShape.slice(0, -2);
  const places = (shape: Shape) => {
    const own = shape.slice(0, -2);
    return broadcastPlaces(leading, [...leading.slice(own.length).map(() => 1), ...own]);
  };
  const [a, b] = inputShapes;
  const k = node.attributes.transposeA ? a[a.length - 2] : a[a.length - 1];
  return { m, n, k, matrices: [places(a), places(b)] };
}

/** Calls visit(a, b, c) with the indexes of two elements and the one that gets their product. */
function forEachProduct(call: ForwardCall<'matMul'>, visit: (a: number, b: number, c: number) => void): void {
  const { m, n, k, matrices } = productsOf(call);
  const { transposeA, transposeB } = call.node.attributes;
  const [sizeA, sizeB] = call.inputShapes.map(elementCount);
  for (let sample = 0; sample < call.samples; sample++) {
    for (let i = 0; i < matrices[0].length; i++) {
      const a = sample * sizeA + matrices[0][i] * m * k;
      const b = sample * sizeB + matrices[1][i] * k * n;
      const c = (sample * matrices[0].length + i) * m * n;
      for (let row = 0; row < m; row++) {
        for (let column = 0; column < n; column++) {
          for (let step = 0; step < k; step++) {
            const left = transposeA ? step * m + row : row * k + step;
            const right = transposeB ? column * k + step : step * n + column;
            visit(a + left, b + right, c + row * n + column);
          }
        }
      }
    }
  }
}

export const matMul: Op<'matMul'> = {
  check(node) {
    checkFlag(node, 'transposeA');
    checkFlag(node, 'transposeB');
  },
  forward(call) {
    const [x, y] = call.inputs;
    const sums = new Float64Array(call.output.length);
    forEachProduct(call, (a, b, c) => {
      sums[c] += x[a] * y[b];
    });
    call.output.set(sums);
  },
  backward(call) {
    const [x, y] = call.inputs;
    const sums = call.inputs.map(({ length }) => new Float64Array(length));
    forEachProduct(call, (a, b, c) => {
      sums[0][a] += call.outputGradient[c] * y[b];
      sums[1][b] += call.outputGradient[c] * x[a];
    });
    sums.forEach((gradient, i) => void call.inputGradients[i].set(gradient));
  },
};
