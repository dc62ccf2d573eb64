import { currentEngine } from '../program/current-engine.js';
import { describeProgram, type OpName, type Shape } from '../program/description.js';
import { type LoweredNode, Lowering } from '../layers/lower.js';
import { Tensor } from '../tensor/index.js';

/**
 * Runs one op on the calling thread. x holds `samples` samples of `inputShape`, one after another. `node`
 * lacks the fields that follow from its being the only op. Returns the outputs, [samples, ...the node's shape].
 */
export function runNode<Op extends OpName>(
  node: Omit<LoweredNode<Op>, 'name' | 'inputs' | 'parameters'>,
  x: Tensor,
  samples: number,
  inputShape: Shape,
  what: string,
  kernel?: Tensor,
): Tensor {
  const lowering = new Lowering();
  const input = lowering.add({ name: 'x', op: 'input', inputs: [], attributes: { shape: inputShape } });
  const parameters = kernel ? [{ name: 'kernel', shape: kernel.shape }] : [];
  const output = lowering.add({ ...node, name: what, inputs: [input], parameters } as LoweredNode<Op>);
  const program = currentEngine().createProgram(describeProgram({ nodes: lowering.nodes }));
  try {
    if (kernel) program.writeWeights([kernel.toFloat().dataSync() as Float32Array]);
    const [values] = program.runHere([x.toFloat().dataSync() as Float32Array], samples);
    return new Tensor(values, [samples, ...lowering.shapeOf(output)], 'float32');
  } finally {
    program.dispose();
  }
}
