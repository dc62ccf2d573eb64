import type { OnnxLayout } from '../onnx/build.js';
import type { ReadBeside } from '../onnx/external-data.js';
import { loadOnnx } from '../onnx/load.js';
import { errorsNaming } from '../io/failures.js';
import { giveToStores } from '../layers/weight-store.js';
import { Functional } from './functional.js';

/**
 * Makes a model of an ONNX file. `beside` reads its external data; undefined for a model that was given as bytes.
 * Rejects as loadModel.
 */
export async function loadOnnxModel(
  file: string,
  bytes: Uint8Array,
  beside: ReadBeside | undefined,
  layout: OnnxLayout,
): Promise<Functional> {
  const { inputs, outputs, weights } = await loadOnnx(file, bytes, beside, layout);
  const model = errorsNaming(file, () => new Functional({ inputs, outputs }));
  giveToStores(weights);
  return model;
}
