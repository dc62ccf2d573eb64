import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const TSX = resolve('node_modules/tsx/dist/cli.mjs');

/**
 * Runs an example as a user does, against the built package (npm run build), in a folder, with arguments.
 * Returns its output.
 */
export async function runExample(
  folder: string,
  example: string,
  env: Record<string, string>,
  ...args: string[]
): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [TSX, resolve('examples', example), ...args],
    options,
  );
  return stdout;
}
