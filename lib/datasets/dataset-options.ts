import { OptionChecks, show } from '../options.js';
import type { DatasetOptions } from './image-set.js';

/** Returns the options. Throws UNKNOWN_OPTION or INVALID_ARGUMENT. */
export function checkOptions(caller: string, options: DatasetOptions): DatasetOptions {
  const checks = new OptionChecks(caller);
  checks.keys(options, ['folder', 'log']);
  const { folder, log } = options;
  if (folder !== undefined && (typeof folder !== 'string' || folder === '')) {
    checks.fail('INVALID_ARGUMENT', `folder is ${show(folder)}; it must be the path of a folder.`);
  }
  if (log !== undefined && typeof log !== 'function') {
    checks.fail('INVALID_ARGUMENT', `log is ${show(log)}; it must be a function that takes a message.`);
  }
  return options;
}

/**
 * The folder that the option `folder` or else CONVFORGE_DATA names, and which of them it was; undefined if
 * neither does.
 */
export function givenFolder({ folder }: DatasetOptions): { folder: string; by: string } | undefined {
  if (folder !== undefined) return { folder, by: "the option 'folder'" };
  const { CONVFORGE_DATA } = process.env;
  return CONVFORGE_DATA ? { folder: CONVFORGE_DATA, by: 'CONVFORGE_DATA' } : undefined;
}
