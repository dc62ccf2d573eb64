// What a prebuilt addon needs and exports, read from the file. Takes GNU objdump for Linux, LLVM's nm (which Xcode's is)
// for macOS, and LLVM's objdump for Windows.
import { execFileSync } from 'node:child_process';
import { isHost } from './targets.mjs';
import { hasProgram } from './tools.mjs';

const NODE_API = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];

const OF_MACOS_LINKERS = ['__dso_handle', '_mh_dylib_header'];

/**
 * What libraries that zig links in export by themselves: operators new and delete of its libc++ on macOS, and its
 * libunwind on Windows. Addons of those systems' own compilers don't have them.
 */
const OF_ZIG = /^(_Z(n[aw]m|d[al]Pv)|_Unwind_|unw_|_GCC_specific_handler$)/;

/** Most of what an addon for Linux may need: what RHEL 8, Debian 10 and Ubuntu 20.04 have. */
const FLOORS = { GLIBC: '2.28', GLIBCXX: '3.4.25', CXXABI: '1.3.11' };

/**
 * The newest versions of libc's and libstdc++'s symbols that an addon for Linux needs, such as { GLIBC: '2.14' }, and
 * those among them that are above what old systems have.
 */
function neededVersions(file) {
  const versions = {};
  for (const [, library, version] of objdump('-T', file).matchAll(/\((GLIBC|GLIBCXX|CXXABI)_([0-9.]+)\)/g)) {
    if (!(library in versions) || isNewer(version, versions[library])) versions[library] = version;
  }
  const tooNew = Object.keys(versions).filter((library) => isNewer(versions[library], FLOORS[library]));
  return { versions, tooNew };
}

function isNewer(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const at = left.findIndex((part, i) => part !== (right[i] ?? 0));
  return at >= 0 && left[at] > (right[at] ?? 0);
}

/** The symbols that an addon exports, without the leading underscore of macOS. */
function exportedSymbols(file, platform) {
  if (platform === 'linux') {
    return lines(objdump('-T', file))
      .filter(
        (line) =>
          !line.includes('*UND*') &&
          / [gwu]\s|^\w+ g/.test(line) &&
          /\.text|\.data|\.bss|\.rodata/.test(line),
      )
      .map((line) => line.split(/\s+/).at(-1));
  }
  if (platform === 'darwin') {
    const names = ['--extern-only', '--defined-only', '--format=just-symbols'];
    return lines(textOf(['llvm-nm-14', 'llvm-nm', 'nm'], [...names, file]))
      .filter(Boolean)
      .map((name) => name.trim().replace(/^_/, ''))
      .filter((name) => !OF_MACOS_LINKERS.includes(name));
  }
  const table = textOf(['llvm-objdump-14', 'llvm-objdump'], ['-p', file]).split('Export Table:')[1] ?? '';
  return lines(table)
    .map((line) => /^\s*\d+\s+0x[0-9a-f]+\s+(\S+)$/.exec(line)?.[1])
    .filter(Boolean);
}

/** `{ floor, exports, problems }` of an addon, as text. */
export function inspect(file, target) {
  const problems = [];
  let floor = target.libc === 'musl' ? 'musl' : 'system';
  if (target.libc === 'glibc') {
    const { versions, tooNew } = neededVersions(file);
    floor = Object.entries(versions)
      .map(([library, version]) => `${library} ${version}`)
      .join(', ');
    for (const library of tooNew)
      problems.push(`needs ${library} ${versions[library]}, more than ${FLOORS[library]}`);
  }
  const exported = exportedSymbols(file, target.platform);
  const ofZig = exported.filter((name) => target.zig && !isHost(target) && OF_ZIG.test(name));
  const others = exported.filter((name) => !NODE_API.includes(name) && !ofZig.includes(name));
  for (const name of others) problems.push(`exports ${name}`);
  for (const name of NODE_API) if (!exported.includes(name)) problems.push(`does not export ${name}`);
  const exports = `${exported.length - ofZig.length}${ofZig.length > 0 ? ` and ${ofZig.length} of zig's libraries` : ''}`;
  return { floor, exports, problems };
}

function objdump(...args) {
  return textOf(['objdump'], args);
}

/** What the first of these programs that is on PATH prints. */
function textOf(programs, args) {
  const program = programs.find(hasProgram) ?? programs[0];
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: Number.POSITIVE_INFINITY });
}

function lines(text) {
  return text.split('\n');
}
