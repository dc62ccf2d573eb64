import { currentEngine } from '../program/current-engine.js';
import type { NodeDescription, Shape } from '../program/description.js';
import { Tensor } from '../tensor/index.js';

/**
 * Runs one op on the calling thread. x holds `samples` samples of `inputShape`, one after another. `node`
 * lacks the fields that follow from its being the only op. Returns the outputs, [samples, ...node.shape].
 */
export function runNode(
  node: Omit<NodeDescription, 'name' | 'inputs' | 'parameters'>,
  x: Tensor,
  samples: number,
  inputShape: Shape,
  what: string,
  kernel?: Tensor,
): Tensor {
  const program = currentEngine().createProgram({
    nodes: [
      { name: 'x', op: 'input', inputs: [], attributes: {}, parameters: [], shape: inputShape },
      {
        ...node,
        name: what,
        inputs: [0],
        parameters: kernel ? [{ name: 'kernel', shape: kernel.shape }] : [],
      },
    ],
  });
  try {
    if (kernel) program.writeWeights([kernel.toFloat().dataSync() as Float32Array]);
    const [values] = program.runHere([x.toFloat().dataSync() as Float32Array], samples);
    return new Tensor(values, [samples, ...node.shape], 'float32');
  } finally {
    program.dispose();
  }
}
