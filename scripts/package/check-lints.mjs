// Runs publint and are-the-types-wrong on a tarball of the package. Every message of either is a failure.
// Usage: check-lints.mjs TARBALL
import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const tarball = readFileSync(process.argv[2]);
const data = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);

const { messages, pkg } = await publint({ pack: { tarball: data }, level: 'suggestion', strict: true });
/** It suggests fields that only the owner can fill in (check-release.mjs asks for them). */
const ofOwner = new Set(['USE_REPOSITORY']);
const found = messages
  .filter(({ code }) => !ofOwner.has(code))
  .map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);

const types = await checkPackage(createPackageFromTarballData(new Uint8Array(data)));
if (types.types === false) found.push('are-the-types-wrong: there are no types');
else found.push(...types.problems.map((problem) => `are-the-types-wrong: ${JSON.stringify(problem)}`));

for (const message of found) console.error(message);
if (found.length > 0) process.exit(1);
console.log('publint and are-the-types-wrong: nothing to say');
