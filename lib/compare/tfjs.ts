import path from 'node:path';
import type { LayerSpec, NetworkSpec } from './network.js';

export interface TfTensor {
  dataSync(): Float32Array;
}

export interface TfModel {
  compile(options: object): void;
  predict(x: TfTensor): TfTensor;
  trainOnBatch(x: TfTensor, y: TfTensor): Promise<number>;
  setWeights(weights: readonly TfTensor[]): void;
  dispose(): void;
}

/** The used part of TF.js. Its own types aren't available, since the package doesn't depend on it. */
export interface Tf {
  version: { tfjs: string };
  layers: Record<string, (options?: object) => unknown>;
  train: Record<'adam' | 'sgd', (...options: number[]) => unknown>;
  setBackend(name: string): Promise<boolean>;
  env(): { getAsync(flag: string): Promise<boolean> };
  sequential(options: { layers: unknown[] }): TfModel;
  tensor(values: Float32Array, shape: readonly number[]): TfTensor;
  oneHot(classes: number[], depth: number): TfTensor;
  tidy<T>(run: () => T): T;
}

const WASM = '@tensorflow/tfjs-backend-wasm';

/** Loads TF.js with a backend: cpu, wasm, or tensorflow of tfjs-node. `config` describes the backend. */
export async function loadTfjs(
  require: NodeJS.Require,
  backend: string,
): Promise<{ tf: Tf; config: string }> {
  const tf = backend === 'tensorflow' ? (require('@tensorflow/tfjs-node') as Tf) : loadPortable(require);
  if (backend === 'wasm') require(WASM).setWasmPaths(`${path.dirname(require.resolve(WASM))}/`);
  if (!(await tf.setBackend(backend))) throw new Error(`TF.js could not start its backend ${backend}`);
  const isSimd = backend === 'wasm' && (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
  return { tf, config: `${backend} backend${isSimd ? ', SIMD' : ''}` };
}

/** The whole of TF.js, or else the parts that are needed. */
function loadPortable(require: NodeJS.Require): Tf {
  try {
    return require('@tensorflow/tfjs') as Tf;
  } catch {
    const core = require('@tensorflow/tfjs-core');
    const { layers, sequential } = require('@tensorflow/tfjs-layers');
    try {
      require('@tensorflow/tfjs-backend-cpu');
    } catch {
      // The wasm backend may be alone.
    }
    return { ...core, layers, sequential, version: { tfjs: core.version_core } };
  }
}

/** The layers of a network in TF.js. */
export function tfjsLayers({ layers }: Pick<Tf, 'layers'>, network: NetworkSpec): unknown[] {
  return network.layers.map((layer, i) =>
    tfjsLayer(layers, layer, i === 0 ? { inputShape: network.input } : {}),
  );
}

function tfjsLayer(layers: Tf['layers'], layer: LayerSpec, first: object): unknown {
  switch (layer.kind) {
    case 'conv': {
      const { filters, size, activation } = layer;
      return layers.conv2d({ filters, kernelSize: size, activation, ...first });
    }
    case 'maxPool':
      return layers.maxPooling2d({ poolSize: layer.size, ...first });
    case 'flatten':
      return layers.flatten(first);
    case 'dense':
      return layers.dense({ units: layer.units, activation: layer.activation, ...first });
  }
}
