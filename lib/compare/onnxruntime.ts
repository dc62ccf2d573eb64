/** The used part of onnxruntime-node. */
export interface OnnxRuntime {
  InferenceSession: { create(file: string, options: object): Promise<OnnxSession> };
  Tensor: new (type: 'float32', values: Float32Array, shape: readonly number[]) => unknown;
}

export interface OnnxSession {
  outputNames: readonly string[];
  run(inputs: Record<string, unknown>): Promise<Record<string, { data: Float32Array }>>;
}

/** Opens a model on the processor, with all of onnxruntime's optimizations. */
export function openOnnx(library: OnnxRuntime, file: string, threads: number): Promise<OnnxSession> {
  return library.InferenceSession.create(file, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
}
