import { RandomGenerator } from '../../lib/random/index.js';

/**
 * The part of the API that convforge and tfjs-layers share. Too few calls have the same types in both, so
 * tests of both do without types.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Package = any;

/** The length of all vectors in the graphs. */
const SIZE = 3;

/**
 * A random graph of dense layers and sums of vectors that depends only on the seed: up to three inputs,
 * several outputs, shared layers and models, and nested models. Each layer has its own name, and each bias
 * its own value.
 */
export function randomGraph(tf: Package, seed: number): Package {
  return new GraphMaker(tf, new RandomGenerator(seed)).model('model', 2);
}

class GraphMaker {
  #layers = 0;

  constructor(
    private readonly tf: Package,
    private readonly random: RandomGenerator,
  ) {}

  /** `levels` is how deep models may be nested. */
  model(name: string, levels: number): Package {
    const { tf, random } = this;
    const count = levels === 2 ? 1 + random.integer(3) : 1;
    const inputs = Array.from({ length: count }, (_, i) =>
      tf.input({ shape: [SIZE], name: `${name}_x${i}` }),
    );
    const values = [...inputs];
    const unused = new Set(values);
    const known: Package[] = [];
    const give = (value: Package, from: Package[]) => {
      for (const each of from) unused.delete(each);
      values.push(value);
      unused.add(value);
    };
    for (let step = 2 + random.integer(levels === 2 ? 12 : 4); step > 0; step--) {
      const from = this.pick(values);
      const kind = random.integer(10);
      if (kind < 3) {
        const other = this.pick(values);
        if (other !== from) give(this.sum([from, other]), [from, other]);
      } else if (kind < 5 && known.length > 0) {
        give(this.pick(known).apply(from), [from]);
      } else {
        const layer = kind < 7 && levels > 0 ? this.inner(levels - 1) : this.dense();
        known.push(layer);
        give(layer.apply(from), [from]);
      }
    }
    // Each input must be used, and must not be an output.
    for (const input of inputs.filter((each) => unused.has(each))) give(this.dense().apply(input), [input]);
    const outputs = [...unused];
    if (levels < 2)
      return tf.model({ inputs, outputs: outputs.length > 1 ? this.sum(outputs) : outputs[0], name });
    const [also] = values.slice(inputs.length);
    if (!unused.has(also) && random.integer(2) === 0)
      outputs.splice(random.integer(outputs.length + 1), 0, also);
    return tf.model({ inputs, outputs, name });
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random.integer(list.length)];
  }

  private inner(levels: number): Package {
    const name = `inner${this.#layers++}`;
    if (this.random.integer(3) > 0) return this.model(name, levels);
    return this.tf.sequential({ layers: [this.dense({ inputShape: [SIZE] }), this.dense()], name });
  }

  private dense(options = {}): Package {
    const number = this.#layers++;
    const { layers, initializers } = this.tf;
    const biasInitializer = initializers.constant({ value: number / 64 });
    return layers.dense({
      units: SIZE,
      activation: 'tanh',
      biasInitializer,
      name: `dense${number}`,
      ...options,
    });
  }

  private sum(values: readonly Package[]): Package {
    return this.tf.layers.add({ name: `add${this.#layers++}` }).apply(values);
  }
}
