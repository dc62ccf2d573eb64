/** What is measured of a network. */
export type Task = 'training' | 'inference';

/** A line that a worker reads. It answers with the line of a WorkerAnswer, then "end", or with "end: reason". */
export type WorkerLine =
  /** Builds the network of the folder (inputs.ts). Answers with a WorkerDescription. */
  | { do: 'load'; folder: string }
  /** Answers with the outputs of the first samples, one after another. */
  | { do: 'outputs'; count: number }
  /** Answers with the losses of the first training steps, from the starting weights. */
  | { do: 'losses'; steps: number; batch: number; optimizer: 'adam' | 'sgd' }
  /** Computes the first samples once. Answers with the milliseconds. */
  | { do: 'time'; task: Task; count: number; batch: number }
  /** Answers with the GFLOP/s of fused multiply-adds on this number of threads, of convforge's workers alone. */
  | { do: 'peak'; threads: number };

export interface WorkerAnswer {
  answer: unknown;
}

export interface WorkerDescription {
  version: string;
  config: string;
}

/** Libraries print too, so other lines are skipped. Throws if there is no answer. */
export function readAnswer(lines: readonly string[]): unknown {
  const line = lines.findLast((each) => each.startsWith('{"answer"'));
  if (line === undefined) throw new Error('its process gave no answer');
  return (JSON.parse(line) as WorkerAnswer).answer;
}
