// Installs the package with each package manager of managers-list.mjs in an empty folder, with neither compiler, make
// nor Python on the PATH, trains a small model natively, and installs and trains again from the lock file. Prints one
// table. The managers come from npm's registry and are kept in a cache folder: the system's temporary one, or
// CONVFORGE_MANAGERS. The package is package/ (npm run stage), which must have an addon for this machine.
// Usage: managers.mjs [--only NAME]
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MANAGERS } from './managers-list.mjs';
import { startRegistry } from './registry.mjs';
import { prebuildName } from './this-platform.mjs';

const REGISTRY = 'https://registry.npmjs.org/';
const TRAIN = `
import * as tf from 'convforge';
tf.setSeed(1);
const { isa } = tf.engineInfo();
const x = tf.randomUniform([64, 8, 8, 1], 0, 1, 'float32', 1);
const y = x.mean([1, 2, 3]).reshape([64, 1]);
const model = tf.sequential([
  tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
  tf.layers.flatten(),
  tf.layers.dense({ units: 1 }),
]);
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
const { history } = await model.fit(x, y, { epochs: 20, batchSize: 8, verbose: 0 });
const [first, last] = [history.loss[0], history.loss.at(-1)];
if (!(last < first / 2)) throw new Error('the loss went from ' + first + ' to ' + last);
console.log('TRAINED ' + isa + ' ' + last.toFixed(6));
`;

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const root = resolve(import.meta.dirname, '..', '..');
const cache = resolve(process.env.CONVFORGE_MANAGERS ?? join(os.tmpdir(), 'convforge-managers'));
const managers = MANAGERS.filter(({ name }) =>
  name.toLowerCase().includes((values.only ?? '').toLowerCase()),
);
if (managers.length === 0)
  fail(`no manager has ${values.only} in its name: ${MANAGERS.map(({ name }) => name).join('; ')}`);

const work = mkdtempSync(join(os.tmpdir(), 'convforge-check-'));
try {
  const tarball = pack();
  const rows = [];
  for (const manager of managers) {
    process.stderr.write(`${manager.name} ...\n`);
    rows.push(await check(manager, tarball));
  }
  printTable(rows);
  if (rows.some(({ error }) => error)) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The tarball of the staged package. */
function pack() {
  const staged = join(root, 'package');
  if (!existsSync(join(staged, 'prebuilds', prebuildName()))) {
    fail(`package/prebuilds/${prebuildName()} is missing: run npm run prebuild, then npm run stage`);
  }
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['pack', '--silent', '--pack-destination', work, staged],
    {
      encoding: 'utf8',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) fail(stderr);
  return join(work, stdout.trim());
}

/** Installs and trains with one manager. Returns its row of the table. */
async function check(manager, tarball) {
  const start = performance.now();
  const row = { name: manager.name, version: manager.package.split('@').at(-1), repeats: manager.repeats };
  const folder = mkdtempSync(join(work, 'user-'));
  let registry;
  try {
    if (manager.registry)
      registry = await startRegistry(
        tarball,
        JSON.parse(readFileSync(join(root, 'package', 'package.json'))),
      );
    const env = surroundings(manager, folder, registry?.address ?? REGISTRY);
    const project = join(folder, 'project');
    const files = {
      'package.json': '{"name": "user", "private": true}\n',
      'train.mjs': TRAIN,
      ...manager.files,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(project, name), text);
    row.node = (await run(['node', '--version'], project, env)).trim();
    // Beside the project: Yarn 1 doesn't find absolute paths again in its lock file.
    cpSync(tarball, join(folder, 'convforge.tgz'));
    quietlyAboutScripts(await run(manager.add('../convforge.tgz'), project, env));
    row.result = trained(await run(manager.train, project, env));
    forget(project);
    quietlyAboutScripts(await run(manager.again, project, env));
    trained(await run(manager.train, project, env));
  } catch (error) {
    row.error = error.message;
  } finally {
    registry?.stop();
  }
  return { ...row, seconds: (performance.now() - start) / 1000 };
}

/** An environment whose PATH has Node, the manager and a shell, and whose home and caches are new. */
function surroundings(manager, folder, registry) {
  const tools = join(folder, 'tools');
  for (const name of ['tools', 'home', 'project']) mkdirSync(join(folder, name));
  link(
    manager.node === undefined ? process.execPath : join(fetched(manager.node), 'bin', 'node'),
    join(tools, 'node'),
  );
  const program = manager.program ?? manager.package.split('@')[0];
  link(programOf(manager, fetched(manager.package), program), join(tools, program));
  for (const name of ['sh', 'env', 'uname', 'ldd', 'getconf', 'cat']) {
    const found = ['/bin', '/usr/bin'].map((place) => join(place, name)).find(existsSync);
    if (found) link(found, join(tools, name));
  }
  const home = join(folder, 'home');
  const passed = [
    'NODE_EXTRA_CA_CERTS',
    'SSL_CERT_FILE',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
    'https_proxy',
    'http_proxy',
    'no_proxy',
  ];
  return {
    ...Object.fromEntries(
      passed.filter((name) => name in process.env).map((name) => [name, process.env[name]]),
    ),
    PATH: tools,
    HOME: home,
    TMPDIR: os.tmpdir(),
    CI: 'true',
    npm_config_cache: join(home, 'npm'),
    npm_config_registry: registry,
    NPM_CONFIG_REGISTRY: registry,
    npm_config_update_notifier: 'false',
    YARN_CACHE_FOLDER: join(home, 'yarn'),
    YARN_REGISTRY: registry,
    YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/, ''),
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
    DENO_TLS_CA_STORE: 'system,mozilla',
    DENO_NO_UPDATE_CHECK: '1',
  };
}

function link(from, to) {
  if (process.platform !== 'win32') chmodSync(from, 0o755);
  symlinkSync(from, to);
}

/** The folder of a package from npm's registry, fetched at most once. No script of it runs. */
function fetched(spec) {
  const name = spec.slice(0, spec.lastIndexOf('@'));
  const folder = join(cache, spec.replaceAll('/', '+'));
  const found = join(folder, 'node_modules', name);
  if (existsSync(join(found, 'package.json'))) return found;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private": true}\n');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', spec];
  const { status, stderr } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0 || !existsSync(found)) fail(`${spec} can't be fetched: ${stderr}`);
  return found;
}

function programOf({ binary }, folder, program) {
  if (binary !== undefined) return join(folder, binary);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[program]);
}

/** Removes what was installed. The lock file stays. */
function forget(project) {
  for (const name of readdirSync(project)) {
    if (['node_modules', '.yarn', '.pnp.cjs', '.pnp.loader.mjs'].includes(name)) {
      rmSync(join(project, name), { recursive: true, force: true });
    }
  }
}

/** Resolves to what a command printed. Rejects with the end of it if it fails or takes ten minutes. */
function run([program, ...args], cwd, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000 });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(text);
      const end = text.trim().split('\n').slice(-12).join('\n');
      reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? signal}:\n${end}`));
    });
  });
}

/** A manager that speaks of scripts asks the user to approve some. */
function quietlyAboutScripts(text) {
  const line = text.split('\n').find((each) => /convforge/.test(each) && /script|approve/i.test(each));
  if (line !== undefined) throw new Error(`it speaks of scripts: ${line.trim()}`);
}

/** "avx2, loss 0.000012" from what the training printed. */
function trained(text) {
  const [, isa, loss] = text.match(/TRAINED (\S+) (\S+)/) ?? [];
  if (isa === undefined) throw new Error(`the training printed:\n${text.trim()}`);
  return `${isa}, loss ${loss}`;
}

function printTable(rows) {
  const table = [
    ['manager', 'version', 'Node', 'trained on', 'again', 'seconds', ''],
    ...rows.map(({ name, version, node, result, repeats, seconds, error }) => [
      ...[name, version, node ?? '', result ?? '', repeats, seconds.toFixed(0)],
      error ? 'FAILED' : 'passed',
    ]),
  ];
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  for (const cells of table)
    console.log(
      cells
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    );
  for (const { name, error } of rows) if (error) console.log(`\n${name}: ${error}`);
  const failed = rows.filter(({ error }) => error).length;
  console.log(`\n${rows.length - failed} passed, ${failed} failed`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
