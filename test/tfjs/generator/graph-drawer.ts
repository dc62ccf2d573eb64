import * as ours from '../../../lib/index.js';
import { makeLayer } from './build.js';
import type { Draw } from './draw.js';
import type { DrawnInput, LayerRow } from './layer-row.js';
import { type Candidate, drawMerge } from './merges.js';
import { OTHER_LAYERS } from './other-layers.js';
import type { GraphSpec, InputSpec, LayerSpec, Limit, UseSpec } from './spec.js';
import { weightOptions } from './weight-options.js';
import { WINDOW_LAYERS } from './window-layers.js';

/** Number of elements of the largest value. */
const LARGEST = 400;

/** Names of layers and models in a file, to keep them unique. */
export class Names {
  #next = 1;

  constructor(private readonly draw: Draw) {}

  maybe(probability: number): { name?: string } {
    if (!this.draw.chance(probability)) return {};
    return { name: `${this.draw.pick(['my_Layer', 'layer', 'block_1/part', 'UPPER'])}${this.#next++}` };
  }
}

interface Value extends DrawnInput {
  tensor: ours.SymbolicTensor;
  /** Whether a layer takes it as input. */
  isTaken: boolean;
}

/** Draws a model layer by layer. Shapes are those that convforge's layers infer. */
export class GraphDrawer {
  readonly limits = new Set<Limit>();
  takesOneSample = false;
  readonly #values: Value[] = [];
  readonly #layers: LayerSpec[] = [];
  readonly #made: ReturnType<typeof makeLayer>[] = [];
  readonly #uses: UseSpec[] = [];
  /** Values whose shape TF.js loses. */
  readonly #closed = new Set<number>();

  constructor(
    private readonly draw: Draw,
    private readonly names: Names,
    private readonly kind: GraphSpec['kind'],
    private readonly inputs: readonly InputSpec[],
    /** Depth of nesting in other models. */
    private readonly depth = 0,
    isPlain = true,
  ) {
    for (const { shape } of inputs) {
      const tensor = ours.input({ shape });
      this.#values.push({ tensor, shape, isPlain, hasTies: depth > 0, isTaken: false });
    }
    inputs.forEach((input, i) => {
      if (input.classes !== undefined) this.#embed(i, input.classes);
    });
  }

  shapeOf(value: number): readonly number[] {
    return this.#values[value].shape;
  }

  get keepsAverages(): boolean {
    return JSON.stringify(this.#layers).includes('batchNormalization');
  }

  /** Values that no layer takes as input. */
  get ends(): number[] {
    return [...this.#values.keys()].filter((value) => !this.#values[value].isTaken);
  }

  /** Values that any layer may take. */
  get #open(): Candidate[] {
    const all = this.#values.map(({ shape, hasTies }, value) => ({ value, shape, hasTies }));
    return all.filter(({ value }) => this.inputs[value]?.classes === undefined && !this.#closed.has(value));
  }

  finish(outputs: readonly number[], name: { name?: string }): GraphSpec {
    const { kind, inputs } = this;
    const first = this.#layers[0];
    const start = this.draw.pick(['inputLayer', 'inputShape', 'batchInputShape'] as const);
    return {
      kind,
      ...name,
      ...(kind === 'sequential' && !first.model && { start }),
      inputs,
      layers: this.#layers,
      uses: this.#uses,
      outputs,
    };
  }

  /** Adds several layers. */
  grow(): void {
    const isChain = this.kind === 'sequential';
    const count = this.draw.whole(this.depth > 0 || isChain ? 1 : 2, this.depth > 0 ? 3 : 7);
    for (let i = 0; i < count; i++) {
      if (isChain) this.#growChain();
      else this.#growGraph();
    }
    if (this.#layers.length === 0) this.#addSome(this.#values.length - 1);
  }

  #growChain(): void {
    const last = this.#values.length - 1;
    if (this.draw.chance(0.06) && this.#crop(last)) return;
    if (this.depth < 2 && this.draw.chance(0.1)) this.#nest([last]);
    else this.#addSome(last);
  }

  #growGraph(): void {
    const { draw } = this;
    if (draw.chance(0.3) && this.#merge()) return;
    const value = draw.chance(0.75) ? draw.pick(this.ends) : draw.pick(this.#open).value;
    if (draw.chance(0.06) && this.#crop(value)) return;
    if (draw.chance(0.15) && this.#share(value)) return;
    if (this.depth < 2 && draw.chance(0.12)) {
      const others = this.ends.filter((each) => each !== value);
      this.#nest(others.length > 0 && draw.chance(0.3) ? [value, draw.pick(others)] : [value]);
    } else {
      this.#addSome(value);
    }
  }

  /** Adds a layer drawn from those that fit, and returns its value. */
  #addSome(value: number): void {
    const { draw } = this;
    for (;;) {
      const input = this.#values[value];
      const row = drawRow(draw, input.shape.length);
      const drawn = row.draw(draw, input);
      if (!drawn) continue;
      const { options, optionsHere } = drawn;
      const layer = {
        make: draw.pick(row.names),
        options: { ...options, ...this.names.maybe(0.25) },
        ...(optionsHere && { optionsHere }),
      };
      const added = this.add(layer, [value], LARGEST);
      if (added === undefined) continue;
      for (const limit of drawn.limits ?? []) this.limits.add(limit);
      if (drawn.makesTies) this.#values[added].hasTies = true;
      this.takesOneSample ||= drawn.takesOneSample ?? false;
      return;
    }
  }

  /**
   * Adds a layer on these values and returns its first output, or undefined if it has more elements than
   * `largest`.
   */
  add(layer: LayerSpec, inputs: readonly number[], largest = Number.POSITIVE_INFINITY): number | undefined {
    return this.#use(makeLayer(ours, layer), layer, inputs, largest);
  }

  #use(
    made: ReturnType<typeof makeLayer>,
    layer: LayerSpec,
    inputs: readonly number[],
    largest: number,
  ): number | undefined {
    const taken = inputs.map((value) => this.#values[value].tensor);
    const given = made.apply(taken.length === 1 ? taken[0] : taken);
    const tensors: ours.SymbolicTensor[] = Array.isArray(given) ? given : [given];
    const shapes = tensors.map(({ sampleShape }) => sampleShape as readonly number[]);
    if (shapes.some((shape) => shape.reduce((size, each) => size * each, 1) > largest)) return undefined;
    let index = this.#made.indexOf(made);
    if (index < 0) {
      index = this.#made.push(made) - 1;
      this.#layers.push(layer);
    }
    this.#uses.push({ layer: index, inputs });
    const hasTies = inputs.some((value) => this.#values[value].hasTies);
    const isPlain =
      tensors.length === 1 && inputs.every((value) => this.#values[value].isPlain) && !hasWeights(layer);
    for (const value of inputs) this.#values[value].isTaken = true;
    tensors.forEach((tensor, i) => {
      this.#values.push({ tensor, shape: shapes[i], isPlain, hasTies, isTaken: false });
    });
    return this.#values.length - tensors.length;
  }

  /**
   * A center crop with equal margins on both sides, since TF.js takes other pixels otherwise. TF.js has no
   * gradient for it and changes the shape of its input, so that no other layer may take the input.
   */
  #crop(value: number): boolean {
    const { draw } = this;
    const { shape, isPlain } = this.#values[value];
    if (shape.length !== 3 || !isPlain) return false;
    const [height, width] = shape
      .slice(0, 2)
      .map((size) => size - 2 * draw.whole(0, Math.floor((size - 1) / 2)));
    const padding = [0, 1].map(() => {
      const edge = draw.whole(0, 1);
      return [edge, edge];
    });
    const taken = this.add({ make: 'zeroPadding2d', options: { padding } }, [value]) as number;
    this.#closed.add(taken);
    const cropped = this.add({ make: 'centerCrop', options: { height, width } }, [taken]) as number;
    this.#values[cropped].hasTies = true;
    return true;
  }

  #embed(input: number, classes: number): void {
    const { draw } = this;
    const { shape } = this.inputs[input];
    const outputDim = draw.whole(1, 4);
    const options = {
      inputDim: classes,
      outputDim,
      ...draw.maybe(shape.length === 1 ? 0.3 : 0, () => ({ inputLength: shape[0] })),
      ...weightOptions(draw, 'embeddings', [classes, outputDim]),
      ...this.names.maybe(0.25),
    };
    const value = this.add({ make: 'embedding', options }, [input]) as number;
    this.#values[value].hasTies = true;
  }

  /** A second call of an existing layer, on a value of the same shape. */
  #share(value: number): boolean {
    const { shape } = this.#values[value];
    const fitting = this.#uses.filter(({ inputs }) => {
      return inputs.length === 1 && this.shapeOf(inputs[0]).join() === shape.join();
    });
    if (fitting.length === 0) return false;
    const { layer } = this.draw.pick(fitting);
    if (!mayBeShared(this.#layers[layer])) return false;
    this.#use(this.#made[layer], this.#layers[layer], [value], LARGEST);
    return true;
  }

  #merge(): boolean {
    const drawn = drawMerge(this.draw, this.#open);
    if (!drawn) return false;
    const { inputs, layer } = drawn;
    return (
      this.add({ ...layer, options: { ...layer.options, ...this.names.maybe(0.25) } }, inputs, LARGEST) !==
      undefined
    );
  }

  /** A nested model. */
  #nest(values: readonly number[]): void {
    const { draw } = this;
    const inputs = values.map((value) => ({ shape: this.shapeOf(value) }));
    const kind = inputs.length === 1 && draw.chance(0.5) ? 'sequential' : 'model';
    const isPlain = values.every((value) => this.#values[value].isPlain);
    const inner = new GraphDrawer(draw, this.names, kind, inputs, this.depth + 1, isPlain);
    inner.grow();
    const { ends } = inner;
    // TF.js runs a model of several outputs once for each of them, which updates moving averages more often.
    const isMany = this.kind === 'model' && ends.length > 1;
    if (kind === 'model') inner.unite(isMany ? 2 : 1);
    if (inner.keepsAverages) inner.unite(1);
    const outputs = inner.ends;
    const model = inner.finish(outputs, this.names.maybe(0.5));
    // TF.js omits regularization in models nested this deep.
    if (this.depth > 0 && JSON.stringify(model).includes('Regularizer')) return;
    if (this.add({ options: {}, model }, values, LARGEST) === undefined) return;
    for (const limit of inner.limits) this.limits.add(limit);
    this.takesOneSample ||= inner.takesOneSample;
    for (let i = 1; i <= outputs.length; i++) this.#values[this.#values.length - i].hasTies = true;
  }

  /** Merges unused values into at most `most` ones. An unused input gets a layer first. */
  unite(count: number): number[] {
    for (const end of this.ends) if (end < this.inputs.length) this.#addSome(end);
    for (let ends = this.ends; ends.length > count; ends = this.ends) {
      const [a, b] = ends.slice(-2).map((value) => this.flat(value));
      this.add({ make: 'concatenate', options: {} }, [a, b]);
    }
    return this.ends;
  }

  /** Turns a value into vectors. */
  flat(value: number): number {
    if (this.shapeOf(value).length === 1) return value;
    return this.add({ make: 'flatten', options: {} }, [value]) as number;
  }
}

/**
 * Whether a layer may be used again. Excludes layers with gradients for some values only, and layers with
 * regularizers, whose penalty TF.js adds for each use and Keras once.
 */
function mayBeShared(layer: LayerSpec): boolean {
  return !/"make":"(centerCrop|embedding|thresholdedReLU|upSampling2d|resizing)"|Regularizer/.test(
    JSON.stringify(layer),
  );
}

function drawRow(draw: Draw, rank: number): LayerRow {
  const rows = rank > 1 && draw.chance(0.55) ? WINDOW_LAYERS : OTHER_LAYERS;
  return draw.pick(rows.filter(({ ranks }) => ranks.includes(rank)));
}

function hasWeights({ make, model, options }: LayerSpec): boolean {
  if (model) return true;
  return /dense|conv|embedding|prelu|Normalization/i.test(`${make} ${JSON.stringify(options.layer)}`);
}
