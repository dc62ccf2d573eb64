import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addonUnavailable, describePlatform } from '../../lib/program/addon-unavailable.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const path = temporaryFolder();
const target = `${process.platform}-${os.arch()}`;

describe('an addon that was not found', () => {
  it('gives an error with the files looked for, the platform, and a remedy', () => {
    mkdirSync(path('prebuilds/plan9-x64'), { recursive: true });
    const { code, message } = addonUnavailable(path(''), new Error('No native build was found'));
    expect(code).toBe('ADDON_UNAVAILABLE');
    const lines = message.split('\n');
    expect(lines[0]).toBe(`There is no native addon for ${describePlatform()}.`);
    expect(message).toContain(`  ${join(path(''), 'build', 'Release', 'convforge.node')} (not there)\n`);
    expect(message).toContain(`  ${join(path(''), 'prebuilds', target)}`);
    expect(message).toContain('\nPrebuilt for: plan9-x64\n');
    expect(lines.at(-1)).toContain('"npx convforge build"');
    expect(lines.at(-1)).toContain("setEngine('reference')");
    expect(message).not.toContain('npm rebuild');
  });

  it('gives an error without prebuilds, as in a clone', () => {
    const { message } = addonUnavailable(path(''), new Error('No native build was found'));
    expect(message).toContain(`There is no folder ${path('prebuilds')}`);
  });
});

it('an addon that fails to load gives an error with the reason', () => {
  mkdirSync(path('build/Release'), { recursive: true });
  writeFileSync(path('build/Release/convforge.node'), 'no addon');
  const cause = new Error("version `GLIBC_2.38' not found");
  const error = addonUnavailable(path(''), cause);
  expect(error.cause).toBe(cause);
  expect(error.message).toContain(
    `can't be loaded on ${describePlatform()}: version \`GLIBC_2.38' not found\n`,
  );
  expect(error.message).toContain(`${join('Release', 'convforge.node')} (is there)`);
});

it('the platform has architecture, C library and Node', () => {
  expect(describePlatform()).toContain(`${target}, `);
  expect(describePlatform()).toContain(`Node ${process.versions.node}`);
  if (process.platform === 'linux') expect(describePlatform()).toMatch(/, (glibc \d+\.\d+|musl), Node/);
});
