import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { ConvforgeError } from '../../errors.js';
import { output } from './find.js';
import type { BuilderName, Toolchain } from './toolchain.js';

/** Lines of a builder's output that an error shows. */
const SHOWN_LINES = 30;

/** What each builder runs, and where it leaves the addon, relative to the sources. */
const BUILDS: Record<BuilderName, { folder: string; steps: (jobs: string) => string[][] }> = {
  'node-gyp': {
    folder: 'build',
    steps: (jobs) => [['configure'], ['build', '--jobs', jobs]],
  },
  // Not in build/, where node-gyp's Makefile is.
  'cmake-js': {
    folder: 'build-cmake',
    steps: (jobs) => [['compile', '--out', 'build-cmake', '--parallel', jobs]],
  },
};

/**
 * Compiles the addon of this name in `sources`. Returns the addon's file.
 *
 * @throws ADDON_UNAVAILABLE with the end of the builder's output.
 */
export async function compile(
  { builder, command, args, env }: Toolchain,
  sources: string,
  isVerbose: boolean,
  outer: NodeJS.ProcessEnv,
  name = 'convforge',
): Promise<string> {
  const { folder, steps } = BUILDS[builder];
  for (const step of steps(String(os.availableParallelism()))) {
    const text = await run([...command, ...step, ...args], sources, { ...outer, ...env }, isVerbose);
    if (text !== undefined) throw failure(`${builder} ${step[0]} failed`, text);
  }
  const addon = join(sources, folder, 'Release', `${name}.node`);
  if (!existsSync(addon)) throw failure(`${builder} made no ${addon}`, '');
  return addon;
}

/** Loads an addon in another process, and returns what it tells of itself. */
export function tryAddon<Info = { compiler: string; parallel: string }>(
  addon: string,
  node: string,
  env: NodeJS.ProcessEnv,
): Info {
  const program = 'console.log(JSON.stringify(require(process.argv[1]).info()))';
  const { ok, text } = output([node, '-e', program, addon], env);
  if (!ok) throw failure(`${addon} was built, but can't be loaded`, text);
  return JSON.parse(text);
}

/** Puts the addon where it is looked for, whole or not at all. */
export function place(addon: string, file: string): string {
  if (addon === file) return file;
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(addon, `${file}.new`);
  renameSync(`${file}.new`, file);
  return file;
}

/** Removes what a build leaves beside the sources. */
export function removeIntermediates(sources: string): void {
  for (const { folder } of Object.values(BUILDS))
    rmSync(join(sources, folder), { recursive: true, force: true });
}

/** Runs a command. Resolves to undefined, or to its output if it fails. */
function run(
  [program, ...args]: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
  isVerbose: boolean,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A builder on Windows' PATH is a .cmd file, which only a shell runs.
    const shell = process.platform === 'win32' && /\.(cmd|bat)$/i.test(program);
    // Standard output is for the result: with --json, it must be JSON alone.
    const stdio = isVerbose ? 2 : 'pipe';
    const child = spawn(program, args, { cwd: folder, env, shell, stdio: ['ignore', stdio, stdio] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
    }
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? undefined : text));
  });
}

function failure(what: string, text: string): ConvforgeError {
  const lines = text.trim().split('\n');
  const shown = lines.slice(-SHOWN_LINES).map((line) => `\n  ${line}`);
  return new ConvforgeError('ADDON_UNAVAILABLE', `${what}.${text ? shown.join('') : ''}${hint(text)}`);
}

/** What to do about failures that the output alone doesn't explain. */
function hint(text: string): string {
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|CERT_|bad status|https?:\/\/\S+headers/.test(
      text,
    )
  ) {
    return (
      "\nNode's headers couldn't be downloaded. Set npm_config_nodedir to a folder that has them in include/node, " +
      'or use cmake-js, which brings them along: --with cmake-js.'
    );
  }
  return text === '' ? '' : '\nconvforge build --verbose shows all of its output.';
}
