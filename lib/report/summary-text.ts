import type { LayersModel } from '../models/layers-model.js';

/** The text that model.summary() prints. */
export function summaryOf(model: LayersModel): string {
  const lines: string[] = [];
  model.summary(undefined, undefined, (line) => lines.push(line));
  return lines.join('\n');
}
