import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The path of the only weights file of a saved model. */
export function weightsFile(folder: string): string {
  return join(folder, weightsName(folder));
}

/** The name of the only weights file of a saved model. */
export function weightsName(folder: string): string {
  const { weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  const [{ paths }] = weightsManifest;
  return paths[0];
}
