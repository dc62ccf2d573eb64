import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { untilAborted } from '../aborts.js';
import { ConvforgeError } from '../errors.js';
import { describePlatform } from '../program/addon-unavailable.js';
import { addCommand, type CommandContext } from './command.js';
import { choice, text } from './option-values.js';
import { mpiAddonFile } from '../distribute/mpi-addon.js';
import { describeMissing, type Missing } from './toolchain/advice.js';
import { compile, place, removeIntermediates, tryAddon } from './toolchain/compile.js';
import { onPath, type Surroundings } from './toolchain/find.js';
import { BUILDERS, type BuilderName, findToolchain, type Toolchain } from './toolchain/toolchain.js';

/** The options as commander gives them. */
export interface BuildFlags {
  with?: BuilderName;
  check?: boolean;
  verbose?: boolean;
  mpi?: boolean;
  mpicxx?: string;
  json?: boolean;
}

/** Adds `convforge build`. */
export function addBuild(program: Command, { signal, print }: CommandContext): void {
  addCommand(program, {
    usage: 'build',
    summary: 'compiles the native addon from source',
    description:
      "Compiles the native addon from the package's sources, for a platform without a prebuilt one. It takes some minutes.",
    examples: [
      ['convforge build --check', 'what is found, and what is missing'],
      ['CXX=clang++ convforge build --verbose', 'builds with clang, and shows its output'],
      ['convforge build --mpi', 'builds the addon for trainings on several machines'],
    ],
    notes: `Both builders take a C++20 compiler (GCC 11, clang 14, or later) and make; node-gyp also Python 3, cmake-js also CMake.

Environment:
  CXX                 the compiler
  PYTHON              the Python
  npm_config_nodedir  a folder with Node's headers in include/node`,
  })
    .option(
      '--with <name>',
      `${BUILDERS.join(' or ')} (default: the first that has all that it takes)`,
      choice('with', BUILDERS),
    )
    .option('--check', 'only tell what was found and what is missing')
    .option('--verbose', 'show all output of the compiler')
    .option('--mpi', "build the addon over this machine's MPI instead, with node-gyp")
    .option('--mpicxx <program>', "MPI's compiler for C++, with --mpi", text('mpicxx'), 'mpicxx')
    .option('--json', 'print what was found or built as JSON')
    .action((flags: BuildFlags) => {
      const build = flags.mpi ? buildMpiAddon : buildAddon;
      return untilAborted(build(flags, print), { signal });
    });
}

/** The package's folder: two folders up, both in the sources and in the built package. */
const PACKAGE_ROOT = join(__dirname, '..', '..');

/** Compiles the addon, or tells what is missing. Rejects with ADDON_UNAVAILABLE, IO_ERROR. */
export async function buildAddon(
  flags: BuildFlags,
  print: (text: string) => void,
  root = PACKAGE_ROOT,
  around: Surroundings = { env: process.env, folder: process.cwd() },
): Promise<void> {
  const builders = flags.with === undefined ? BUILDERS : [flags.with];
  const sources = sourcesOf(root);
  const toolchain = chooseToolchain(builders, root, around);
  const say = flags.json ? () => {} : print;
  const { builder, found } = toolchain;
  say(`${describePlatform()}: ${found.join(', ')}`);
  if (flags.check)
    return print(
      flags.json ? JSON.stringify({ builder, found }) : `Nothing is missing to build with ${builder}.`,
    );
  checkFolder(root);
  say(`Compiling with ${builder}. This takes some minutes ...`);
  const start = performance.now();
  const built = await compile(toolchain, sources, flags.verbose ?? false, around.env);
  const { compiler, parallel } = tryAddon(built, toolchain.node, around.env);
  const file = place(built, join(root, 'build', 'Release', 'convforge.node'));
  // A clone is built again after changes.
  if (sources !== root) removeIntermediates(sources);
  const seconds = Math.round((performance.now() - start) / 1000);
  print(
    flags.json
      ? JSON.stringify({ builder, found, file, compiler, parallel, seconds })
      : `${file}: ${compiler}, ${parallel}, in ${seconds} s`,
  );
}

/** Compiles the addon over MPI, or tells what is missing. Rejects with ADDON_UNAVAILABLE, IO_ERROR. */
export async function buildMpiAddon(
  { mpicxx = 'mpicxx', check, verbose, json }: BuildFlags,
  print: (text: string) => void,
  root = PACKAGE_ROOT,
  around: Surroundings = { env: process.env, folder: process.cwd() },
): Promise<void> {
  const sources = join(sourcesOf(root), 'native', 'mpi');
  const wrapper = mpicxx.includes('/') ? mpicxx : onPath(mpicxx, around.env);
  if (wrapper === undefined)
    throw missingTools('node-gyp', [{ need: 'mpi', reason: `no ${mpicxx} on the PATH` }]);
  const toolchain = chooseToolchain(['node-gyp'], root, { ...around, env: { ...around.env, CXX: wrapper } });
  const { builder } = toolchain;
  const found = [wrapper, ...toolchain.found];
  if (!json) print(`${describePlatform()}: ${found.join(', ')}`);
  if (check)
    return print(
      json ? JSON.stringify({ builder, found }) : 'Nothing is missing to build the addon for MPI.',
    );
  checkFolder(root);
  const built = await compile(toolchain, sources, verbose ?? false, around.env, 'convforge_mpi');
  const library = tryAddon<string>(built, toolchain.node, around.env);
  const file = place(built, mpiAddonFile(root));
  if (sourcesOf(root) !== root) removeIntermediates(sources);
  print(json ? JSON.stringify({ builder, found, file, library }) : `${file}: ${library}`);
}

/** The folder with binding.gyp: source/ in a package, the root in a clone. */
function sourcesOf(root: string): string {
  const found = [join(root, 'source'), root].find((folder) => existsSync(join(folder, 'binding.gyp')));
  if (found !== undefined) return found;
  throw new ConvforgeError(
    'ADDON_UNAVAILABLE',
    `${join(root, 'source')} is missing, from which the addon is compiled: run convforge where the package is installed whole.`,
  );
}

/** The first toolchain that is whole. Throws ADDON_UNAVAILABLE, which says what each lacks. */
function chooseToolchain(builders: readonly BuilderName[], root: string, around: Surroundings): Toolchain {
  const toolchains = builders.map((builder) => findToolchain(builder, root, around));
  const whole = toolchains.find(({ missing }) => missing.length === 0);
  if (whole) return whole;
  // A builder that isn't there is worth telling of only if none is.
  const near = toolchains.filter(({ command }) => command.length > 0);
  const { builder, missing, found } = (near.length > 0 ? near : toolchains)[0];
  throw missingTools(builder, missing, found);
}

function missingTools(
  builder: BuilderName,
  missing: readonly Missing[],
  found: readonly string[] = [],
): ConvforgeError {
  return new ConvforgeError(
    'ADDON_UNAVAILABLE',
    `The addon can't be compiled with ${builder} on ${describePlatform()}. These are missing:\n` +
      `${describeMissing(missing)}${found.length > 0 ? `\nFound: ${found.join(', ')}.` : ''}`,
  );
}

/** Throws IO_ERROR, before minutes are spent. */
function checkFolder(root: string): void {
  try {
    accessSync(root, constants.W_OK);
  } catch (cause) {
    throw new ConvforgeError(
      'IO_ERROR',
      `The addon can't be written to ${root}: ${(cause as Error).message}. Package managers that keep packages in ` +
        'archives must unpack this one (in Yarn: yarn unplug convforge).',
      { cause },
    );
  }
}
