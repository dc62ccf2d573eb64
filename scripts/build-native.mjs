// Builds the addon for this machine by node-gyp: what has changed since the last build. Also writes compile_commands.json,
// by which editors find their way in C++.
// Usage: build-native.mjs [--debug], which builds without optimisation and is loaded until the next build without it.
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';

const isDebug = process.argv.includes('--debug');
const [kind, other] = isDebug ? ['Debug', 'Release'] : ['Release', 'Debug'];

const nodeGyp = (...args) =>
  execFileSync('node-gyp', args, { stdio: 'inherit', shell: process.platform === 'win32' });

nodeGyp('configure', '--silent', ...(isDebug ? ['--debug'] : []), '--', '-f', 'compile_commands_json');
renameSync(`build/${kind}/compile_commands.json`, 'build/compile_commands.json');
nodeGyp('configure', '--silent', ...(isDebug ? ['--debug'] : []));
nodeGyp('build', '--silent', ...(isDebug ? ['--debug'] : []), '--jobs', 'max');
// The addon of the other kind would be loaded first, or be out of date.
rmSync(`build/${other}/convforge.node`, { force: true });
