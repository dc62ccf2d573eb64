import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FILE = JSON.stringify(join(__dirname, '..', 'dist', 'import-package.js'));

/** Runs a script in a process of its own. Returns what it prints to both streams. */
function run(script: string) {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  return { stdout, stderr };
}

it('says of a package that is missing what import() says, and prints nothing', () => {
  const script = `require(${FILE}).importPackage('not-there', () => import('not-there')).catch((error) => console.log(error.code));`;
  expect(run(script)).toEqual({ stdout: 'ERR_MODULE_NOT_FOUND\n', stderr: '' });
});

it('imports in a realm whose import() fails, and prints nothing', () => {
  const script = `
    const fails = () => require('node:vm').runInNewContext("import('d3-scale')");
    require(${FILE}).importPackage('d3-scale', fails).then((module) => console.log(typeof module.scaleLinear));`;
  expect(run(script)).toEqual({ stdout: 'function\n', stderr: '' });
});
