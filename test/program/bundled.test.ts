import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeRealm } from '../support/realm.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// The built package in a bundle, where __dirname is the bundle's folder or unknown.

const ROOT = path.join(__dirname, '..', '..');
const pathOf = temporaryFolder();
const [, program] = process.argv;
beforeEach(() => {
  vi.spyOn(process, 'cwd').mockReturnValue(pathOf('.'));
  process.argv[1] = pathOf('program.js');
});
afterEach(() => {
  vi.restoreAllMocks();
  process.argv[1] = program;
});

it.each(['an app/dist', ''])('loads the addon of the installed package for a bundle in "%s"', (folder) => {
  mkdirSync(pathOf('node_modules'));
  symlinkSync(ROOT, pathOf('node_modules/convforge'), 'junction');
  const { convforge } = makeRealm([], folder && pathOf(folder));
  expect(convforge.engineInfo().threads).toBeGreaterThan(0);
});

it.each(['an app/dist', ''])('tells a bundle in "%s" to keep the package external', (folder) => {
  mkdirSync(pathOf('build/Release'), { recursive: true });
  const { convforge } = makeRealm([], folder && pathOf(folder));
  expect(() => convforge.engineInfo()).toThrow(/^convforge is in a bundle, .* --external:convforge; /);
  expect(() => convforge.engineInfo()).toThrow(expect.objectContaining({ code: 'ADDON_UNAVAILABLE' }));
  convforge.setEngine('reference');
  expect(convforge.getEngine()).toBe('reference');
});

it('takes no package of another version', () => {
  mkdirSync(pathOf('node_modules/convforge'), { recursive: true });
  const other = { name: 'convforge', version: '0.0.0' };
  writeFileSync(pathOf('node_modules/convforge/package.json'), JSON.stringify(other));
  const { convforge } = makeRealm([], pathOf('dist'));
  expect(() => convforge.engineInfo()).toThrow(/keep it external/);
});
