// The text of NOTICES: what the prebuilt addons contain beside convforge's own code, and its licences.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const texts = join(import.meta.dirname, 'notices');

/** What is compiled or linked in, and into which of prebuilds/ (paths such as linux-x64/convforge.glibc.node). */
const PARTS = [
  {
    title: 'node-addon-api',
    about: 'Its headers are compiled into every addon. Node-API itself is part of Node.js, and not in here.',
    file: ({ root }) => join(root, 'node_modules', 'node-addon-api', 'LICENSE.md'),
    isIn: () => true,
  },
  {
    title: 'libstdc++ and libgcc',
    about:
      'Builds by GCC contain code from the headers of the GNU C++ library and from libgcc, those for Windows the ' +
      'libraries themselves. They are licensed under the GNU General Public License, version 3 or later, with ' +
      'this exception, which permits any licence for what is compiled with them.',
    file: () => join(texts, 'gcc-runtime.txt'),
    isIn: (addon) => addon.startsWith('linux') || addon.startsWith('win32-x64'),
  },
  {
    title: 'libc++, libc++abi, libunwind and compiler-rt',
    about:
      'Builds by clang contain code from the headers of the LLVM C++ library, and may contain the libraries.',
    file: () => join(texts, 'llvm.txt'),
    isIn: (addon) => /^darwin|musl|^win32-arm64/.test(addon),
  },
  {
    title: 'musl',
    about:
      'Builds for musl contain code from its headers and start files. The library itself is the system’s.',
    file: () => join(texts, 'musl.txt'),
    isIn: (addon) => addon.includes('musl'),
  },
  {
    title: 'mingw-w64',
    about: 'Builds for Windows contain its start files and headers.',
    file: () => join(texts, 'mingw-w64.txt'),
    isIn: (addon) => addon.startsWith('win32'),
  },
  {
    title: 'winpthreads',
    about: 'Builds for Windows by GCC contain this library of mingw-w64.',
    file: () => join(texts, 'winpthreads.txt'),
    isIn: (addon) => addon.startsWith('win32-x64'),
  },
];

/** NOTICES for a package with these addons, as paths in prebuilds/. */
export function notices(root, addons) {
  const parts = PARTS.filter(({ isIn }) => addons.length === 0 || addons.some(isIn));
  const sections = parts.map(({ title, about, file, isIn }) => {
    const holders = addons.filter(isIn).map((addon) => `  prebuilds/${addon}\n`);
    return `${'='.repeat(80)}\n${title}\n\n${wrap(about)}\n${holders.join('')}\n${readFileSync(file({ root }), 'utf8').trim()}\n`;
  });
  return `${wrap(
    'convforge is under the MIT licence (LICENSE). The addons in prebuilds/, and those that users build from ' +
      'source/, contain parts of the following software.',
  )}\n${sections.join('\n')}`;
}

/** Lines of at most 80 characters. */
function wrap(text) {
  return text.replace(/(.{1,80})(?:\s+|$)/g, '$1\n');
}
