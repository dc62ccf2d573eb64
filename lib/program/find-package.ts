import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { VERSION } from '../version.js';

/** Whether the folder is that of this package, in this version. In a bundle, the folder above isn't. */
export function isPackage(folder: string): boolean {
  try {
    const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return name === 'convforge' && version === VERSION;
  } catch {
    return false;
  }
}

/** The folder of this package, also for code in a bundle. */
export function packageRoot(): string | undefined {
  // Both in the sources and in the built package, package.json lies two folders up.
  const own = typeof __dirname === 'string' ? path.join(__dirname, '..', '..') : undefined;
  return own !== undefined && isPackage(own) ? own : findPackage();
}

/**
 * Finds this package where it is installed, for code in a bundle. It searches node_modules from the bundle's
 * folder up, from that of the program, then from the working directory.
 */
export function findPackage(): string | undefined {
  const folders = [
    typeof __dirname === 'string' ? __dirname : '',
    path.dirname(process.argv[1] ?? ''),
    process.cwd(),
  ];
  return folders
    .filter(path.isAbsolute)
    .map(packageAbove)
    .find((folder) => folder !== undefined);
}

function packageAbove(folder: string): string | undefined {
  try {
    const found = path.dirname(createRequire(path.join(folder, 'file.js')).resolve('convforge/package.json'));
    return isPackage(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
