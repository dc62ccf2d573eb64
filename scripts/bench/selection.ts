import { IMPORTED } from './imported.js';
import { KERNEL_NAMES } from './measure-kernels.js';
import { NEIGHBOUR } from './neighbour.js';
import { NETWORKS } from './networks/index.js';
import type { Network } from './networks/network.js';
import { hasText, noSuch } from './support/select.js';

/** What `npm run bench` measures. */
export interface Selection {
  kernels: readonly string[];
  networks: readonly Network[];
  /** Whether training beside a busy process is measured. */
  neighbour: boolean;
  /** Whether networks read from ONNX files are measured beside the same as they were built. */
  imported: boolean;
}

/**
 * What a comma-separated list of `--only` selects: 'kernels' and 'networks' are all of them, 'neighbour' is
 * training beside a busy process, 'imported' is networks from ONNX files, and another text selects those whose name has it. Throws for a text that
 * selects nothing.
 */
export function selectParts(only: string): Selection {
  const texts = only.split(',');
  const kernels = KERNEL_NAMES.map((name) => ({ name }));
  const isSelected = (group: string) => (each: (typeof kernels)[number]) =>
    texts.some((text) => text === group || hasText(each, text));
  const selection = {
    kernels: KERNEL_NAMES.filter((name) => isSelected('kernels')({ name })),
    networks: NETWORKS.filter(isSelected('networks')),
    neighbour: texts.includes(NEIGHBOUR),
    imported: texts.includes(IMPORTED),
  };
  const groups = ['kernels', 'networks', NEIGHBOUR, IMPORTED];
  const unknown = texts.find(
    (text) => !groups.includes(text) && ![...kernels, ...NETWORKS].some((each) => hasText(each, text)),
  );
  if (unknown !== undefined) throw noSuch(`--only ${unknown}`, groups, [...NETWORKS, ...kernels]);
  return selection;
}
