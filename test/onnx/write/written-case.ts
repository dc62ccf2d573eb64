import { io, type Tensor } from '../../../lib/index.js';
import { layerCases } from './layer-cases.js';
import { opCases } from './op-cases.js';

/** What is written as an ONNX file, with inputs. */
export interface WrittenCase {
  name: string;
  inputs: Tensor[];
  write(): Promise<Uint8Array>;
  predict(): Promise<Tensor[]>;
}

/** A model for each kind of layer, and a program for ops that few layers use. */
export function writtenCases(): WrittenCase[] {
  const ofLayers = layerCases().map(
    ({ name, model, inputs }): WrittenCase => ({
      name,
      inputs,
      write: () => io.onnx(model),
      predict: () => Promise.all([model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat()),
    }),
  );
  return [...ofLayers, ...opCases()];
}
