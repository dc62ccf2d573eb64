import type { OnnxLayout } from '../onnx/build.js';
import { loadOnnx } from '../onnx/load.js';
import { errorsNaming } from '../io/failures.js';
import { giveToStores } from '../layers/weight-store.js';
import { Functional } from './functional.js';

/** Makes a model of an ONNX file. `path` is undefined for one that was given as bytes. Rejects as loadModel. */
export async function loadOnnxModel(
  path: string | undefined,
  bytes: Uint8Array,
  layout: OnnxLayout,
): Promise<Functional> {
  const file = path ?? 'loadModel(bytes)';
  const { inputs, outputs, weights } = await loadOnnx(file, bytes, path, layout);
  const model = errorsNaming(file, () => new Functional({ inputs, outputs }));
  giveToStores(weights);
  return model;
}
