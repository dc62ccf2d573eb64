import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';

/** Where tools are looked for: a program's environment, and the folder that it runs in. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
}

/** What was found of one tool, or why there is none. */
export type Found = { command: readonly string[]; title: string } | { reason: string };

/** Finds a program on the PATH. */
export function onPath(
  name: string,
  env: NodeJS.ProcessEnv,
  suits: (file: string) => boolean = () => true,
): string | undefined {
  const isWindows = process.platform === 'win32';
  const path = env.PATH ?? (isWindows ? env.Path : undefined) ?? '';
  const endings = isWindows ? (env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';') : [''];
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const found = endings
      .map((ending) => join(folder, name + ending))
      .find((file) => isProgram(file) && suits(file));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Finds a file of an installed package, such as node-gyp/bin/node-gyp.js, as a module at `from` would. */
export function inPackage(file: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(file);
  } catch {
    return undefined;
  }
}

/** The file that a link stands for. Fails over to the link. */
export function realFile(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/** Node's own program. Bun and Deno take the one on the PATH, where Bun may put itself under that name. */
export function findNode(env: NodeJS.ProcessEnv): string | undefined {
  const { bun, deno, electron } = process.versions;
  return bun || deno || electron
    ? onPath('node', env, (file) => !/^bun/.test(basename(realFile(file))))
    : process.execPath;
}

/**
 * The folder whose include/node has the headers of the Node that `node` is, if they are installed beside it. Without
 * them, node-gyp downloads them.
 */
export function findHeaders(node: string): string | undefined {
  const prefix = dirname(dirname(realFile(node)));
  const isThere = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
  return isThere && existsSync(join(prefix, 'include', 'node', 'common.gypi')) ? prefix : undefined;
}

/** Runs a program. Returns whether it succeeded, and what it printed. */
export function output(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  input = '',
): { ok: boolean; text: string } {
  const [program, ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, input, encoding: 'utf8' });
  // A program that doesn't read its input leaves an error, and a status.
  if (error && status === null) return { ok: false, text: error.message };
  return { ok: status === 0, text: `${stdout}${stderr}`.trim() };
}
