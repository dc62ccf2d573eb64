// Writes package/, the folder that is published (docs/releasing.md): what is compiled in dist/, the addons in
// prebuilds/, and source/, from which `convforge build` compiles an addon elsewhere. Nothing in it runs at install:
// it has no scripts, and no binding.gyp at its root, which would make npm run node-gyp.
// Usage: stage.mjs [--addon FILE] [--out FOLDER]. --addon takes FILE as this machine's prebuilt addon, if
// prebuilds/ has none.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { notices } from './notices.mjs';
import { readmeForNpm } from './repository.mjs';
import { prebuildName } from './this-platform.mjs';

const root = resolve(import.meta.dirname, '..', '..');

/** What the published package.json has of the repository's, in this order. */
const PUBLISHED_FIELDS = [
  'name',
  'version',
  'description',
  'license',
  'author',
  'contributors',
  'funding',
  'keywords',
  'homepage',
  'bugs',
  'repository',
  'type',
  'main',
  'types',
  'exports',
  'bin',
  'engines',
  'dependencies',
  'peerDependencies',
  'peerDependenciesMeta',
];

const { values } = parseArgs({ options: { addon: { type: 'string' }, out: { type: 'string' } } });
const out = resolve(values.out ?? join(root, 'package'));

const manifest = readJson(join(root, 'package.json'));
checkVersion(manifest.version);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
stageManifest();
stageCompiled();
const addons = stagePrebuilds();
stageSource();
stageTexts(addons);
console.log(
  `${relative(process.cwd(), out) || '.'}: convforge ${manifest.version}, addons: ${addons.join(', ') || 'none'}`,
);

function stageManifest() {
  const published = PUBLISHED_FIELDS.filter((field) => field in manifest).map((field) => [
    field,
    manifest[field],
  ]);
  // Yarn's Plug'n'Play must unpack the package, since an addon can't be loaded, or be built, in an archive.
  writeJson(join(out, 'package.json'), { ...Object.fromEntries(published), preferUnplugged: true });
}

/** Copies what was compiled from a file that is still there. */
function stageCompiled() {
  const dist = join(root, 'dist');
  if (!existsSync(join(dist, 'main.js'))) throw new Error('dist/ is missing: run npm run compile');
  const names = filesOf(dist).filter((name) => {
    const source = name.replace(/(\.d)?\.(m?)[jt]s$/, '.$2ts');
    return existsSync(join(root, 'lib', source));
  });
  for (const name of names) copy(join(dist, name), join(out, 'dist', name));
}

/** Copies prebuilds/, and the addon of --addon if that has none for this machine. Returns the addons' paths. */
function stagePrebuilds() {
  const prebuilds = join(root, 'prebuilds');
  const addons = existsSync(prebuilds) ? filesOf(prebuilds).filter((name) => name.endsWith('.node')) : [];
  for (const name of addons) copy(join(prebuilds, name), join(out, 'prebuilds', name));
  const own = prebuildName();
  if (values.addon !== undefined && !addons.includes(own)) {
    copy(resolve(values.addon), join(out, 'prebuilds', own));
    addons.push(own);
  }
  return addons.sort();
}

/** What an addon is built from, laid out as in the repository, whose build files it has. */
function stageSource() {
  const source = join(out, 'source');
  for (const name of ['binding.gyp', 'CMakeLists.txt']) copy(join(root, name), join(source, name));
  for (const name of filesOf(join(root, 'native'))) {
    if (!/^test\/|^mpi\/build\//.test(name)) copy(join(root, 'native', name), join(source, 'native', name));
  }
  // cmake-js reads the version of Node-API from it.
  const { name, version, binary } = manifest;
  writeJson(join(source, 'package.json'), { name: `${name}-source`, version, private: true, binary });
}

function stageTexts(addons) {
  for (const name of ['LICENSE', 'CHANGELOG.md']) copy(join(root, name), join(out, name));
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  writeFileSync(join(out, 'README.md'), readmeForNpm(readme, manifest));
  writeFileSync(join(out, 'NOTICES'), notices(root, addons));
}

function checkVersion(version) {
  const source = readFileSync(join(root, 'lib', 'version.ts'), 'utf8');
  if (source.includes(`'${version}'`)) return;
  throw new Error(
    `package.json has version ${version}, lib/version.ts another: run node scripts/package/version.mjs`,
  );
}

/** Paths of all files below a folder, relative to it, with slashes. */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
