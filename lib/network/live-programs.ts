import { elementCount } from '../layers/shapes.js';
import { readStores, type WeightHolder, type WeightStore } from '../layers/weight-store.js';
import type { ProgramDescription, Shape } from '../program/description.js';
import type { Engine, Program } from '../program/engine.js';
import { SlicedWork } from '../program/sliced-work.js';
import { RecentPrograms } from './recent-programs.js';

/**
 * A model's program description, and the stores of its weights in the order in which the program reads and
 * writes them.
 */
export interface DescribedModel {
  /** Shapes of the description's inputs. */
  inputShapes: readonly Shape[];
  description: ProgramDescription;
  stores: readonly WeightStore[];
  /** The node of each layer's output, by the layer's name: see Lowering. */
  layerValues: ReadonlyMap<string, number>;
}

/** What the state of a model needs of it. */
export interface ModelToRun {
  readonly name: string;
  /** The stores of the weights in the order in which programs read and write them. */
  stores(): readonly WeightStore[];
  /**
   * Describes the model in slices for inputs of these shapes; default: shapes that fit. With `training` false,
   * layers compute as in prediction, even during training. Layers that are added meanwhile don't count.
   */
  describe(inputShapes?: readonly Shape[], training?: false): Generator<void, DescribedModel>;
}

/** From so many weights on, drawing and copying them holds up the event loop, and is done in slices. */
const MANY_WEIGHTS = 2 ** 17;

/** From so many layers on, describing the model and creating its program hold up the event loop, too. */
const MANY_LAYERS = 100;

/** Whether making the programs of a model with these weights takes so long that it is done in slices. */
export function needsSlices(stores: readonly WeightStore[]): boolean {
  if (stores.length >= MANY_LAYERS) return true;
  const sizes = stores.flatMap(({ specs }) => specs.map(({ shape }) => elementCount(shape)));
  return sizes.reduce((sum, size) => sum + size, 0) >= MANY_WEIGHTS;
}

/** Programs that share their weights, with what they were made from. */
export interface LivePrograms {
  programs: RecentPrograms;
  stores: readonly WeightStore[];
  /** Version of each store's values that the programs hold. */
  versions: number[];
  /** Whether any layer also draws random numbers in evaluation and prediction. */
  draws: boolean;
}

/** Whose programs to make. */
interface ProgramOwner {
  engine: Engine;
  model: ModelToRun;
  /** Takes the weights that no model holds. */
  holder: WeightHolder;
}

/** Cuts the arrays of all stores, one after another, into those of each. */
export function byStore(
  stores: readonly WeightStore[],
  arrays: readonly Float32Array[],
): Map<WeightStore, Float32Array[]> {
  const values = new Map<WeightStore, Float32Array[]>();
  let first = 0;
  for (const store of stores) {
    values.set(store, arrays.slice(first, first + store.specs.length));
    first += store.specs.length;
  }
  return values;
}

/** Makes programs for inputs of these shapes, with the newest weights. */
export function createPrograms(owner: ProgramOwner, inputShapes?: readonly Shape[]): LivePrograms {
  const described = new SlicedWork(owner.model.describe(inputShapes)).wait();
  const program = owner.engine.createProgram(described.description);
  try {
    program.writeWeights(currentWeights(described.stores).flat());
  } catch (error) {
    program.dispose();
    throw error;
  }
  return takeProgram(owner, described, program);
}

/**
 * Does the same in slices. Whoever uses weights of the stores meanwhile first calls `finish`, which must do what
 * is left.
 */
export function* createProgramsInSlices(
  owner: ProgramOwner,
  inputShapes: readonly Shape[] | undefined,
  finish: () => void,
): Generator<void, LivePrograms> {
  const used = owner.model.stores();
  let program: Program | undefined;
  let live: LivePrograms | undefined;
  for (const store of used) store.beforeUse ??= finish;
  try {
    const described = yield* owner.model.describe(inputShapes);
    program = yield* owner.engine.createProgramInSlices(described.description);
    const { stores } = described;
    for (const store of stores) yield* store.drawInSlices();
    const versions = stores.map((store) => store.version);
    yield* program.writeInSlices(currentWeights(stores).flat());
    live = takeProgram(owner, described, program, versions);
    return live;
  } finally {
    for (const store of used) if (store.beforeUse === finish) store.beforeUse = undefined;
    if (!live) program?.dispose();
  }
}

/** `versions` are those of the values that the program has; default: the newest. */
function takeProgram(
  { engine, model, holder }: ProgramOwner,
  { inputShapes, description, stores }: DescribedModel,
  program: Program,
  versions = stores.map((store) => store.version),
): LivePrograms {
  // Values that have changed meanwhile stay in their stores until they are copied, too.
  for (const [i, store] of stores.entries())
    if (!store.holder && store.version === versions[i]) store.moveTo(holder);
  const programs = new RecentPrograms(inputShapes, program, (shapes, sharing) =>
    engine.createProgram(new SlicedWork(model.describe(shapes)).wait().description, sharing),
  );
  const draws = description.graph.nodes.some(({ attributes }) => 'stream' in attributes && attributes.always);
  return { programs, stores, versions: [...versions], draws };
}

/** The newest values of each store. Stores that no model holds give their own arrays, uncopied. */
function currentWeights(stores: readonly WeightStore[]): Float32Array[][] {
  const held = stores.filter((store) => store.holder);
  const values = new Map(readStores(held).map((arrays, i) => [held[i], arrays]));
  return stores.map((store) => values.get(store) ?? store.own());
}

/** Copies values that other models have changed. `holder` takes those that no model holds. */
export function copyNewer(live: LivePrograms, holder: WeightHolder): void {
  const { stores, versions } = live;
  const changed = stores.filter((store, i) => store.version !== versions[i]);
  if (changed.length > 0) {
    const values = currentWeights(changed);
    replaceWeights(live, new Map(changed.map((store, i) => [store, values[i]])));
  }
  for (const [i, store] of stores.entries()) {
    versions[i] = store.version;
    if (!store.holder) store.moveTo(holder);
  }
}

/** Replaces the values of some stores in the programs. */
export function replaceWeights(
  { programs, stores }: LivePrograms,
  values: ReadonlyMap<WeightStore, readonly Float32Array[]>,
): void {
  const program = programs.latest;
  const all = values.size < stores.length ? program.readWeights() : [];
  let first = 0;
  for (const store of stores) {
    const replaced = values.get(store);
    for (const [i, array] of replaced?.entries() ?? []) all[first + i] = array;
    first += store.specs.length;
  }
  program.writeWeights(all);
}
