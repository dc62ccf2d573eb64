import { classNameOf, INSPECT, type InspectArguments, inspected, join, type Look } from './inspect.js';
import { readOptions, type Schema, withoutDefaults, writeOptions } from './option-schema.js';
import { OptionChecks } from './options.js';

/**
 * Base of what a schema of options describes, except layers: optimizers, schedules, initializers, regularizers
 * and constraints.
 */
export abstract class Configured {
  readonly #checks: OptionChecks;
  readonly #schema: Schema;

  /**
   * Keeps the options of `schema` in fields. Other options are errors, whose messages start with `subject`.
   * @internal
   */
  constructor(subject: string, options: object, schema: Schema) {
    this.#checks = new OptionChecks(subject);
    this.#schema = schema;
    this.#checks.keys(options, Object.keys(schema));
    readOptions(this, schema, this.#checks, options);
  }

  /** The options that make an equal object, as plain data. */
  getConfig(): Record<string, unknown> {
    return writeOptions(this, this.#schema);
  }

  /**
   * The config without options that have their defaults.
   * @internal
   */
  changedOptions(): Record<string, unknown> {
    return withoutDefaults(this.getConfig(), this, this.#schema, this.#checks);
  }

  /** @internal */
  [INSPECT](...asked: InspectArguments): string {
    return inspected(this, asked, inspectConfigured);
  }

  protected get checks(): OptionChecks {
    return this.#checks;
  }
}

/** `Adam { learningRate: 0.001 }`: the class and the options that aren't defaults. */
function inspectConfigured(configured: Configured, look: Look): string {
  return join(classNameOf(configured), look.fields(configured.changedOptions()));
}
