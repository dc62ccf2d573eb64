import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Missing, Need } from './advice.js';
import { type Compiler, findCompiler } from './compiler.js';
import {
  type Found,
  findHeaders,
  findNode,
  inPackage,
  onPath,
  output,
  realFile,
  type Surroundings,
} from './find.js';

export const BUILDERS = ['node-gyp', 'cmake-js'] as const;
export type BuilderName = (typeof BUILDERS)[number];

/** What a build takes: what was found of it, and what is missing. */
export interface Toolchain {
  readonly builder: BuilderName;
  /** Node's program. Empty if it wasn't found. */
  readonly node: string;
  /** The command that starts the builder, without arguments. Empty if it wasn't found. */
  readonly command: readonly string[];
  /** Arguments that tell the builder about the tools. */
  readonly args: readonly string[];
  /** Variables that tell the builder about the tools. */
  readonly env: NodeJS.ProcessEnv;
  /** Such as "Python 3.11.2". */
  readonly found: readonly string[];
  readonly missing: readonly Missing[];
}

/** Looks for all that a builder takes. */
export function findToolchain(builder: BuilderName, root: string, around: Surroundings): Toolchain {
  const { env } = around;
  const node = findNode(env);
  const program = findBuilder(builder, root, around);
  const compiler = findCompiler(env);
  const parts: Partial<Record<Need, Found>> = {
    node: node === undefined ? { reason: 'node is not on the PATH' } : { command: [node], title: '' },
    [builder]:
      program === undefined
        ? { reason: whereBuilderWas(builder) }
        : { command: [program], title: titleOf(program) },
    ...(builder === 'node-gyp' ? { python: findPython(env) } : { cmake: findNamed('cmake', env) }),
    ...(process.platform !== 'win32' && { make: findMake(builder, env) }),
    compiler,
  };
  const entries = Object.entries(parts) as [Need, Found][];
  return {
    builder,
    node: node ?? '',
    command: node === undefined || program === undefined ? [] : started(node, program),
    args: builder === 'node-gyp' ? gypArguments(node, parts.python, env) : cmakeArguments(compiler),
    env: { ...compilerEnv(compiler), ...nodeFirst(node, env) },
    found: entries.flatMap(([, part]) => ('title' in part && part.title !== '' ? [part.title] : [])),
    missing: entries.flatMap(([need, part]) => ('reason' in part ? [{ need, reason: part.reason }] : [])),
  };
}

/** Names the Python that was found, and headers that are there: others are downloaded. */
function gypArguments(node: string | undefined, python: Found | undefined, env: NodeJS.ProcessEnv): string[] {
  const headers = node === undefined ? undefined : findHeaders(node);
  return [
    ...(python && 'command' in python ? [`--python=${python.command[0]}`] : []),
    ...(headers === undefined || env.npm_config_nodedir ? [] : [`--nodedir=${headers}`]),
  ];
}

/** Builds the addon alone, in units that are fast to compile. */
function cmakeArguments(compiler: Compiler): string[] {
  const hasOpenMP = 'hasOpenMP' in compiler && compiler.hasOpenMP;
  return [
    ...['--target', 'convforge', '--CDCONVFORGE_TESTS=OFF', '--CDCONVFORGE_UNIT_FILES=20'],
    `--CDCONVFORGE_OPENMP=${hasOpenMP ? 'ON' : 'OFF'}`,
  ];
}

/** Scripts are run by Node, so that they need no node on the PATH. */
function started(node: string, program: string): string[] {
  const isScript =
    /\.[cm]?js$/.test(program) || /^#!.*\bnode\b/.test(readFileSync(program, 'latin1').slice(0, 60));
  return isScript ? [node, program] : [program];
}

/** binding.gyp and CMakeLists.txt run `node`: it must be the one that runs here. */
function nodeFirst(node: string | undefined, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (node === undefined || realFile(onPath('node', env) ?? '') === realFile(node)) return {};
  return { PATH: [dirname(node), env.PATH].filter(Boolean).join(process.platform === 'win32' ? ';' : ':') };
}

/** Names the compiler to make and CMake, which may take another one by themselves. */
function compilerEnv(compiler: Compiler): NodeJS.ProcessEnv {
  return 'reason' in compiler || compiler.command.length === 0 ? {} : { CXX: compiler.command.join(' ') };
}

/** The project's own builder, one on the PATH, or the node-gyp that npm and pnpm bring along. */
function findBuilder(builder: BuilderName, root: string, around: Surroundings): string | undefined {
  const file = builder === 'node-gyp' ? 'node-gyp/bin/node-gyp.js' : 'cmake-js/bin/cmake-js';
  const near = [around.folder, root].map((folder) => inPackage(file, join(folder, 'package.json')));
  // npm names its own, which its PATH has only as a shell script.
  const ofNpm = builder === 'node-gyp' ? around.env.npm_config_node_gyp : undefined;
  const own = near.find((path) => path !== undefined) ?? ofNpm ?? onPath(builder, around.env, isNotYarns);
  if (own !== undefined || builder === 'cmake-js') return own;
  const places = [
    ...['npm', 'pnpm'].flatMap((manager) => {
      const program = onPath(manager, around.env);
      return program === undefined
        ? []
        : [realFile(program), join(dirname(program), 'node_modules', 'npm', 'x.js')];
    }),
    join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'x.js'),
  ];
  for (const place of places) {
    const found = inPackage(file, place) ?? inPackage(`../dist/node_modules/${file}`, place);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Yarn puts a node-gyp on the PATH, in a temporary folder, that runs in the folders of workspaces alone. */
function isNotYarns(program: string): boolean {
  return !/[\\/]xfs-[0-9a-f]+[\\/]/.test(program);
}

function whereBuilderWas(builder: BuilderName): string {
  const others = builder === 'node-gyp' ? ', nor with npm or pnpm' : '';
  return `${builder} is neither installed in this project nor on the PATH${others}`;
}

/** "node-gyp 12.4.0". */
function titleOf(program: string): string {
  for (const up of ['..', join('..', '..')]) {
    try {
      const { name, version } = JSON.parse(
        readFileSync(join(dirname(realFile(program)), up, 'package.json'), 'utf8'),
      );
      if (BUILDERS.includes(name)) return `${name} ${version}`;
    } catch {}
  }
  return program;
}

/** As node-gyp looks for it, which takes Python 3. */
function findPython(env: NodeJS.ProcessEnv): Found {
  const named = env.NODE_GYP_FORCE_PYTHON ?? env.npm_config_python ?? env.PYTHON;
  const names = named
    ? [named]
    : process.platform === 'win32'
      ? ['py', 'python3', 'python']
      : ['python3', 'python'];
  const print = 'import sys; print("%d.%d.%d %s" % (*sys.version_info[:3], sys.executable))';
  for (const name of names) {
    const { ok, text } = output([name, '-c', print], env);
    const [version, executable] = [text.split(' ')[0], text.slice(text.indexOf(' ') + 1)];
    if (ok && version.startsWith('3.')) return { command: [executable], title: `Python ${version}` };
  }
  return {
    reason: named ? `${named} is no Python 3` : `neither of ${names.join(', ')} is on the PATH and runs`,
  };
}

/** CMake takes ninja, too. */
function findMake(builder: BuilderName, env: NodeJS.ProcessEnv): Found {
  const make = env.MAKE ?? (process.platform.includes('bsd') ? 'gmake' : 'make');
  const names = builder === 'cmake-js' ? ['ninja', make] : [make];
  const found = names.find((name) => onPath(name, env) ?? (name.includes('/') ? name : undefined));
  if (found === undefined) return { reason: `${names.join(' and ')}: not on the PATH` };
  return { command: [found], title: found };
}

function findNamed(name: string, env: NodeJS.ProcessEnv): Found {
  const program = onPath(name, env);
  if (program === undefined) return { reason: `${name} is not on the PATH` };
  const [line] = output([program, '--version'], env).text.split('\n');
  return { command: [program], title: line.replace(' version', '') };
}
