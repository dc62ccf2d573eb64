/** The signals that end a command. */
export type EndSignal = 'SIGINT' | 'SIGTERM';

/** Tells that a signal has ended a training, what was saved, and how to go on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  /** `isSaved` tells whether the training can go on from a checkpoint. */
  constructor(
    message: string,
    readonly isSaved: boolean,
  ) {
    super(message);
  }
}

const SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM'];

/** The exit codes: 128 plus the signal's number, as shells have them. */
const EXIT_CODES: Record<EndSignal, number> = { SIGINT: 130, SIGTERM: 143 };

/** Listens to Ctrl-C and SIGTERM. The first aborts `signal`; the second ends the process at once. */
export class Interrupts {
  readonly #controller = new AbortController();

  constructor() {
    for (const name of SIGNALS) process.on(name, () => this.#take(name));
  }

  /** Fires at the first signal, whose name is its reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code that tells of the signal; undefined if there was none. */
  get exitCode(): number | undefined {
    return this.signal.aborted ? EXIT_CODES[this.signal.reason as EndSignal] : undefined;
  }

  #take(name: EndSignal): void {
    if (!this.signal.aborted) {
      this.#controller.abort(name);
      return;
    }
    // Without a listener, the signal ends the process in the middle of a step.
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  }
}
