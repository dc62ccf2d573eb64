import { classNameOf, join, type Look } from '../inspect.js';
import { withoutDefaults } from '../option-schema.js';
import { OptionChecks } from '../options.js';
import type { Layer, LayerClass } from './base-layer.js';
import type { SymbolicTensor } from './symbolic-tensor.js';

/** Options that are printed first. */
const FIRST = ['batchInputShape', 'filters', 'units', 'kernelSize', 'poolSize', 'strides', 'padding'];

/**
 * Prints a layer with its options that aren't defaults and, once it is applied, its output shapes:
 * `Conv2D 'conv2d_1' { filters: 32, kernelSize: [3, 3] } -> [null, 26, 26, 32]`.
 */
export function inspectLayer(layer: Layer, look: Look): string {
  const { schema } = layer.constructor as unknown as LayerClass;
  const { name, ...config } = layer.getConfig();
  // A wrapped layer is shown as it is by itself.
  if (layer.inner) config.layer = layer.inner;
  const options = withoutDefaults(config, layer, schema, new OptionChecks(layer.name));
  const entries = Object.entries(options).sort(([a], [b]) => positionOf(a) - positionOf(b));
  return join(
    classNameOf(layer),
    look.value(name),
    look.fields(Object.fromEntries(entries)),
    outputShapes(layer, look),
  );
}

/** "-> [null, 10]": the output shapes of the first use, or '' without one. */
export function outputShapes({ nodes }: Layer, look: Look): string {
  if (nodes.length === 0) return '';
  return `-> ${nodes[0].outputs.map(({ shape }) => look.value(shape)).join(', ')}`;
}

/** `SymbolicTensor [null, 26, 26, 32] float32 of Conv2D 'conv2d_1'`. */
export function inspectSymbolicTensor({ shape, sourceLayer }: SymbolicTensor, look: Look): string {
  const { dtype = 'float32' } = sourceLayer as { readonly dtype?: string };
  const Class = sourceLayer.isModel ? sourceLayer.getClassName() : classNameOf(sourceLayer);
  return `SymbolicTensor ${look.value(shape)} ${dtype} of ${Class} ${look.value(sourceLayer.name)}`;
}

function positionOf(option: string): number {
  const index = FIRST.indexOf(option);
  return index < 0 ? FIRST.length : index;
}
