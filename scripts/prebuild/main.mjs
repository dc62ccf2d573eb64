// Makes the prebuilt addons that are published, in prebuilds/: for every platform, those of other platforms by
// cross-compiling. Usage: npm run prebuild [-- --only <target>...]. Ends with a table; exits with 1 if one of them
// couldn't be made.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import prebuildify from 'prebuildify';
import { chosenTargets, isHost, prebuildPath } from './targets.mjs';
import { hasProgram, ROOT, WORK } from './tools.mjs';

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } });
const script = join(dirname(fileURLToPath(import.meta.url)), 'compile.mjs');
const compile = process.platform === 'win32' ? `node "${script}"` : script;

/** What this machine lacks to make the target, or undefined. */
function missing(target) {
  if (!hasProgram('cmake')) return 'cmake is missing: apt-get install cmake';
  if (isHost(target)) return undefined;
  if (target.zig) {
    return process.platform === 'linux' && process.arch === 'x64'
      ? undefined
      : 'zig is fetched for linux-x64 only';
  }
  if (hasProgram(target.compiler)) return undefined;
  return `${target.compiler} is missing: apt-get install ${target.debian}`;
}

async function build(target) {
  const lacks = missing(target);
  if (lacks) throw new Error(lacks);
  const cwd = join(WORK, target.name);
  mkdirSync(cwd, { recursive: true });
  process.env.CONVFORGE_PREBUILD = target.name;
  await promisify(prebuildify)({
    cwd,
    out: ROOT,
    name: 'convforge',
    napi: true,
    platform: target.platform,
    arch: target.arch,
    libc: target.libc,
    tagLibc: target.libc !== undefined,
    // Cross linkers strip by themselves.
    strip: isHost(target),
    nodeGyp: compile,
  });
}

let failed = 0;
for (const target of chosenTargets(values.only)) {
  const start = performance.now();
  const line = (text) => console.log(`${target.name.padEnd(18)}${text}`);
  try {
    await build(target);
    const { size } = statSync(join(ROOT, 'prebuilds', prebuildPath(target)));
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    line(`${(size / 2 ** 20).toFixed(2)} MiB, ${isHost(target) ? 'own' : 'cross'} compiler, ${seconds} s`);
  } catch (error) {
    line(`not made: ${error.message}`);
    failed++;
  }
}
if (failed > 0) process.exitCode = 1;
