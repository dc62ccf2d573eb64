import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.js';

const path = temporaryFolder();

const owned = {
  repository: { url: 'git+https://github.com/acme/nets.git' },
  homepage: 'https://github.com/acme/nets',
  bugs: { url: 'https://github.com/acme/nets/issues' },
};

function write(name: string, text = ''): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
}

/** A staged package that may be published, but for what the fields change. */
function stage(fields: object): void {
  write('package.json', JSON.stringify({ name: 'convforge', version: '1.2.3', ...owned, ...fields }));
  write('CHANGELOG.md', '# Changelog\n\n## [Unreleased]\n\n## [1.2.3]\n');
  write('README.md', '[npm](https://www.npmjs.com/)');
  for (const name of ['LICENSE', 'NOTICES', 'dist/main.js', 'source/binding.gyp']) write(name);
  for (const target of ['darwin-arm64', 'darwin-x64', 'win32-x64'])
    write(`prebuilds/${target}/convforge.node`);
  for (const target of ['linux-arm64', 'linux-x64']) {
    for (const libc of ['glibc', 'musl']) write(`prebuilds/${target}/convforge.${libc}.node`);
  }
}

function check(...args: string[]): { status: number | null; problems: string[] } {
  const script = resolve('scripts/package/check-release.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, ...args, path('')], { encoding: 'utf8' });
  return { status, problems: stderr.split('\n').filter((line) => line.startsWith('- ')) };
}

it('lets a whole package through', () => {
  stage({});
  expect(check('--tag', 'v1.2.3')).toEqual({ status: 0, problems: [] });
});

it.each<[string, object]>([
  ['"repository"', { repository: undefined }],
  ['"repository"', { repository: 'https://github.com/OWNER/convforge' }],
  ['"homepage"', { homepage: 'https://example.com/' }],
  ['"bugs"', { bugs: {} }],
  ['[2.0.0]', { version: '2.0.0' }],
  ['scripts', { scripts: { install: 'node-gyp-build' } }],
])('refuses one for its %s', (part, fields) => {
  stage(fields);
  const { status, problems } = check();
  expect(status).toBe(1);
  expect(problems).toEqual([expect.stringContaining(part)]);
});

it('refuses links that lead nowhere, another tag and what runs at install', () => {
  stage({});
  write('binding.gyp');
  write('README.md', '[types](docs/types.md)');
  const { status, problems } = check('--tag', 'v1.2.4');
  expect(status).toBe(1);
  expect(problems.map((problem) => problem.split(' ').slice(1, 3).join(' '))).toEqual([
    'the tag',
    'binding.gyp at',
    'README.md: these',
  ]);
});

it('refuses a package without the addon of a platform', () => {
  stage({});
  rmSync(path('prebuilds/linux-x64/convforge.musl.node'));
  expect(check()).toEqual({
    status: 1,
    problems: ['- prebuilds/linux-x64/convforge.musl.node is missing'],
  });
});
