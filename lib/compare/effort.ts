/** How much is measured. Times in seconds. */
export interface Effort {
  /** How long a turn of one contestant should take. A slow one takes as long as its least number of images. */
  turn: number;
  /** When to begin no further turn of a task. */
  training: number;
  inference: number;
  /** Of each layer alone. */
  kernel: number;
  leastTurns: number;
  mostTurns: number;
  /** From here on, counted from the start, one turn of a task is enough. */
  late: number;
  /** The most images of a turn, and of a step. */
  images: number;
  batch: number;
  kernelImages: number;
  kernelBatch: number;
  /** When a contestant that doesn't answer is left out. */
  answer: number;
}

const COMMON = { images: 3200, batch: 128, kernelImages: 512, kernelBatch: 64 };

/** Within two minutes on two slow cores. */
export const QUICK: Effort = {
  ...COMMON,
  ...{
    turn: 0.3,
    training: 20,
    inference: 12,
    kernel: 2.5,
    leastTurns: 3,
    mostTurns: 9,
    late: 75,
    answer: 40,
  },
};

/** Ten minutes at most. */
export const FULL: Effort = {
  ...COMMON,
  ...{
    turn: 1,
    training: 180,
    inference: 120,
    kernel: 20,
    leastTurns: 5,
    mostTurns: 15,
    late: 420,
    answer: 120,
  },
};
