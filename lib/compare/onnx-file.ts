import { encodeModel } from '../onnx/write/encode.js';
import { GraphWriter } from '../onnx/write/graph.js';
import { SlicedWork } from '../program/sliced-work.js';
import { imagesShape, kernelShape, type NetworkSpec, type PlacedLayer, placeLayers } from './network.js';

/**
 * A network as an ONNX model, from `x` to `y`, with channels before rows. `weights` are those of channelsFirst.
 */
export function onnxModel(network: NetworkSpec, weights: readonly Float32Array[]): Buffer {
  const graph = new GraphWriter([[]], []);
  let value = graph.unique('x');
  const output = graph.unique('y');
  const placed = placeLayers(network);
  for (const each of placed) value = addLayer(graph, each, value, weights);
  graph.nameOutput(value, output);
  const port = (name: string, shape: readonly number[]) => {
    return { name, dtype: 'float32', shape: ['n', ...imagesShape(shape)] } as const;
  };
  const last = placed.at(-1)?.output ?? network.input;
  const written = { graph, inputs: [port('x', network.input)], outputs: [port('y', last)] };
  return Buffer.concat(new SlicedWork(encodeModel('network', written, [])).wait());
}

function addLayer(
  graph: GraphWriter,
  placed: PlacedLayer,
  value: string,
  weights: readonly Float32Array[],
): string {
  const { layer } = placed;
  const inputs = [value, ...addWeights(graph, placed, weights)];
  const add = (opType: string, attributes = {}) => graph.add(layer.kind, opType, inputs, attributes)[0];
  const computed = () => {
    if (layer.kind === 'conv') return add('Conv', { kernel_shape: [layer.size, layer.size] });
    if (layer.kind === 'dense') return add('Gemm', { transB: 1 });
    if (layer.kind === 'flatten') return add('Flatten');
    return add('MaxPool', { kernel_shape: [layer.size, layer.size], strides: [layer.size, layer.size] });
  };
  const result = computed();
  const activation = 'activation' in layer ? layer.activation : undefined;
  if (activation === undefined) return result;
  return graph.add(activation, activation === 'relu' ? 'Relu' : 'Softmax', [result])[0];
}

/** Adds the kernel and the bias of a layer, and returns their names; none without weights. */
function addWeights(graph: GraphWriter, placed: PlacedLayer, weights: readonly Float32Array[]): string[] {
  const kernel = kernelShape(placed);
  if (kernel === undefined) return [];
  const outputs = kernel[kernel.length - 1];
  const shape =
    placed.layer.kind === 'conv' ? [outputs, kernel[2], kernel[0], kernel[1]] : [outputs, kernel[0]];
  return [shape, [outputs]].map((sizes) => {
    const name = graph.unique('weights');
    graph.tensors.push({ name, dtype: 'float32', shape: sizes, values: weights[graph.tensors.length] });
    return name;
  });
}
