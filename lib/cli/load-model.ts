import { stat } from 'node:fs/promises';
import { ConvforgeError } from '../errors.js';
import { LayersModel, type Signature } from '../models/index.js';
import { loadModel } from '../models/load-model.js';
import { nearest } from '../suggestions.js';
import type { Shape } from '../tensor/index.js';
import { ARCHITECTURES, type Architecture, findArchitecture, type NetworkShape } from './architectures.js';
import { UsageError } from './usage-error.js';
import { loadUserModule, MODULE_NAME } from './user-module.js';

/** A function of a user's file that makes a model. */
type MakeModel = (inputShape: Shape, classes: number) => unknown;

/** What `--model` names: a network yet to build, or a model. */
export type NamedModel =
  | { kind: 'architecture'; architecture: Architecture }
  | { kind: 'function'; path: string; make: MakeModel }
  | { kind: 'model'; path: string; model: LayersModel };

/**
 * Finds an architecture by its name, or loads a saved model or a user's module. Throws UsageError; errors as
 * loadModel and loadUserModule do.
 */
export async function loadNamedModel(name: string, signal?: AbortSignal): Promise<NamedModel> {
  const architecture = findArchitecture(name);
  if (architecture) return { kind: 'architecture', architecture };
  const isThere = await stat(name).then(
    () => true,
    () => false,
  );
  if (!isThere) throw new UsageError(noModel(name));
  if (!MODULE_NAME.test(name)) {
    return { kind: 'model', path: name, model: await loadModel(name, signal && { signal }) };
  }
  const exported = exportOf(name, await loadUserModule(name));
  if (exported instanceof LayersModel) return { kind: 'model', path: name, model: exported };
  return { kind: 'function', path: name, make: exported };
}

/** Builds the model for data of this shape, or takes the one that is there. */
export async function buildNamedModel(
  named: Exclude<NamedModel, { kind: 'architecture' }>,
  { inputShape, classes }: NetworkShape,
): Promise<LayersModel> {
  if (named.kind === 'model') return named.model;
  const made = await named.make([...inputShape], classes);
  if (made instanceof LayersModel) return made;
  throw new ConvforgeError('INVALID_ARGUMENT', notAModel(named.path, made, 'its function returned'));
}

/** [height, width, channels] of a model's images, null for sizes that may be any. Throws UNSUPPORTED. */
export function imageShapeOf({ inputs }: Signature, name: string): readonly (number | null)[] {
  const [input] = inputs;
  const shape = input.shape.slice(-3);
  if (inputs.length === 1 && shape.length === 3) return shape;
  throw new ConvforgeError(
    'UNSUPPORTED',
    `${name} takes ${inputs.map((each) => `[${each.shape.map(String).join(', ')}]`).join(' and ')}; the command line is for models of one image, [height, width, channels].`,
  );
}

function noModel(name: string): string {
  const names = ARCHITECTURES.map((each) => each.name);
  const near = nearest(name, names);
  return `there is no model '${name}': no file of that name, and no architecture${near === undefined ? `; these are ${names.join(', ')}` : `; did you mean '${near}'?`}`;
}

/** What a user's module exports as its model: `default`, or else `model`. */
function exportOf(path: string, exports: Record<string, unknown>): LayersModel | MakeModel {
  // What CommonJS exports is the default; a compiled ES module has its own default within.
  const all = [exports.default, (exports.default as { default?: unknown } | undefined)?.default];
  const named = [exports.model, (exports.default as { model?: unknown } | undefined)?.model];
  const candidates = [...all, ...named].filter((each) => each !== undefined && each !== null);
  const found = candidates.find((each) => each instanceof LayersModel || typeof each === 'function');
  if (found !== undefined) return found as LayersModel | MakeModel;
  throw new ConvforgeError(
    'INVALID_ARGUMENT',
    candidates.length === 0
      ? `${path} exports no model: export default a model, or a function (inputShape, classes) => model.`
      : notAModel(path, candidates[0], 'it exports'),
  );
}

function notAModel(path: string, value: unknown, how: string): string {
  const isForeign = typeof (value as LayersModel | undefined)?.fit === 'function';
  return isForeign
    ? `${path}: ${how} a model of another copy of convforge, or of TF.js. Run the convforge that the file imports: npx convforge in its folder.`
    : `${path}: ${how} ${value === null ? 'null' : typeof value}, not a model: give a model, or a function (inputShape, classes) => model.`;
}
