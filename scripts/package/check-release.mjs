// Refuses what must not be published (docs/releasing.md). Usage: check-release.mjs [--tag TAG] [FOLDER]. FOLDER is
// the staged package, package/ by default. --tag is the version's tag in Git.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { prebuildPath, TARGETS } from '../prebuild/targets.mjs';
import { isAddress, knownHosts, relativeLinks, repositoryPage } from './repository.mjs';

/** Addons that a release must have. That for Windows on Arm has nowhere been run, and may be missing. */
const REQUIRED = TARGETS.filter(({ name }) => name !== 'win32-arm64').map(prebuildPath);

/** Bytes of the packed package at most. */
const LARGEST = 10_000_000;

const { values, positionals } = parseArgs({ options: { tag: { type: 'string' } }, allowPositionals: true });
const folder = resolve(positionals[0] ?? join(import.meta.dirname, '..', '..', 'package'));
const read = (name) => readFileSync(join(folder, name), 'utf8');

if (!existsSync(join(folder, 'package.json'))) {
  console.error(`${folder} has no package.json: run npm run stage`);
  process.exit(1);
}
const manifest = JSON.parse(read('package.json'));
const problems = [...ofOwner(), ...ofVersion(), ...ofContents()];
for (const problem of problems) console.error(`- ${problem}`);
if (problems.length > 0) {
  console.error(`\nNot to be published: ${problems.length} problem(s). docs/releasing.md says what to do.`);
  process.exit(1);
}
console.log(`convforge ${manifest.version} may be published`);

/** What only the owner knows. */
function ofOwner() {
  const { homepage, bugs } = manifest;
  const found = [];
  if (repositoryPage(manifest) === undefined) {
    found.push(`package.json: "repository" must be an https address at ${knownHosts.join(', ')}`);
  }
  if (!isAddress(homepage)) found.push('package.json: "homepage" must be an https address');
  if (!isAddress(bugs?.url)) found.push('package.json: "bugs" must be {"url": an https address}');
  return found;
}

function ofVersion() {
  const { version } = manifest;
  const found = [];
  if (!read('CHANGELOG.md').includes(`\n## [${version}]`))
    found.push(`CHANGELOG.md has no section [${version}]`);
  if (values.tag !== undefined && values.tag !== `v${version}`) {
    found.push(`the tag is ${values.tag}, the version ${version}: the tag must be v${version}`);
  }
  return found;
}

function ofContents() {
  const found = [];
  if (manifest.scripts) found.push('package.json has scripts: some package managers refuse to run them');
  if (existsSync(join(folder, 'binding.gyp'))) found.push('binding.gyp at the root makes npm run node-gyp');
  for (const name of REQUIRED) {
    if (!existsSync(join(folder, 'prebuilds', name))) found.push(`prebuilds/${name} is missing`);
  }
  for (const name of ['LICENSE', 'NOTICES', 'dist/main.js', 'source/binding.gyp']) {
    if (!existsSync(join(folder, name))) found.push(`${name} is missing`);
  }
  const links = relativeLinks(read('README.md'));
  if (links.length > 0) found.push(`README.md: these links lead nowhere on npm: ${links.join(', ')}`);
  const bytes = packedSize();
  if (bytes > LARGEST)
    found.push(`it takes ${(bytes / 1e6).toFixed(1)} MB packed; ${LARGEST / 1e6} MB at most`);
  return found;
}

/** About what npm pack makes: the sum of all files, each compressed by itself. */
function packedSize() {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
}
