import { openSafetensors } from '../../io/safetensors.js';
import { sizeOf } from '../../tensor/shapes.js';
import { countNames, type Description } from './description.js';

/** Describes a file of tensors without layers. */
export function describeTensors(
  tensors: readonly { dtype: string; elements: number }[],
  texts: Pick<Description, 'kind' | 'writer' | 'open'>,
): Description {
  return {
    ...texts,
    parameters: tensors.reduce((sum, { elements }) => sum + elements, 0),
    parts: 'tensors',
    counts: countNames(tensors.map(({ dtype }) => dtype)),
    undone: [],
  };
}

/** Describes a safetensors file by its header. */
export async function describeSafetensors(path: string): Promise<Description> {
  const file = await openSafetensors(path, 'inspect');
  await file.close();
  return describeTensors(
    file.entries.map(({ dtype, shape }) => ({ dtype, elements: sizeOf(shape) })),
    {
      kind: 'weights without layers, in safetensors',
      writer: 'unknown',
      open: 'make the same layers, and io.loadSafetensors(model, path)',
    },
  );
}
