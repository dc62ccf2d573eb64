import { readFileSync } from 'node:fs';

/** What a build can take. */
export type Need = 'node' | 'node-gyp' | 'cmake-js' | 'python' | 'cmake' | 'make' | 'compiler' | 'mpi';

export interface Missing {
  readonly need: Need;
  /** What was looked for, and what is wrong with what was found. */
  readonly reason: string;
}

const NAMES: Record<Need, string> = {
  node: 'Node.js',
  'node-gyp': 'node-gyp',
  'cmake-js': 'cmake-js',
  python: 'Python 3',
  cmake: 'CMake',
  make: 'make',
  compiler: 'a C++20 compiler (GCC 11, clang 14, or later)',
  mpi: 'an MPI with its compiler for C++',
};

/** What gets a system's packages, and which. */
interface System {
  readonly name: string;
  readonly install: (packages: readonly string[]) => string;
  readonly packages: Partial<Record<Need, string>>;
}

const SYSTEMS: Record<string, System> = {
  debian: {
    name: 'Debian, Ubuntu',
    install: (packages) => `apt-get install -y ${packages.join(' ')}`,
    packages: {
      node: 'nodejs',
      python: 'python3',
      cmake: 'cmake',
      make: 'make',
      compiler: 'g++',
      mpi: 'libopenmpi-dev openmpi-bin',
    },
  },
  alpine: {
    name: 'Alpine',
    install: (packages) => `apk add ${packages.join(' ')}`,
    packages: {
      node: 'nodejs',
      python: 'python3',
      cmake: 'cmake',
      make: 'make',
      compiler: 'g++',
      mpi: 'openmpi-dev openmpi',
    },
  },
  fedora: {
    name: 'Fedora, RHEL',
    install: (packages) => `dnf install -y ${packages.join(' ')}`,
    packages: {
      node: 'nodejs',
      python: 'python3',
      cmake: 'cmake',
      make: 'make',
      compiler: 'gcc-c++',
      mpi: 'openmpi-devel',
    },
  },
  darwin: {
    name: 'macOS',
    install: (commands) => [...new Set(commands)].join(' && '),
    packages: {
      node: 'brew install node',
      python: 'xcode-select --install',
      cmake: 'brew install cmake',
      make: 'xcode-select --install',
      compiler: 'xcode-select --install',
      mpi: 'brew install open-mpi',
    },
  },
  win32: {
    name: 'Windows',
    install: (commands) => commands.join(' && '),
    packages: {
      node: 'winget install OpenJS.NodeJS.LTS',
      python: 'winget install Python.Python.3.12',
      cmake: 'winget install Kitware.CMake',
      compiler:
        'winget install Microsoft.VisualStudio.2022.BuildTools --override ' +
        '"--wait --quiet --add Microsoft.VisualStudio.Workload.VCTools --includeRecommended"',
    },
  },
};

/** What is missing, a line each, and how to get it: on this system if it is known, else on all. */
export function describeMissing(missing: readonly Missing[], system = thisSystem()): string {
  const lines = missing.map(({ need, reason }) => `  - ${NAMES[need]}: ${reason}`);
  const needs = missing.map(({ need }) => need);
  return [...lines, ...needs.flatMap(packageAdvice), ...systemAdvice(needs, system)].join('\n');
}

/** Builders are packages of npm. */
function packageAdvice(need: Need): string[] {
  if (need !== 'node-gyp' && need !== 'cmake-js') return [];
  return [
    `Add ${need} to the project: npm install --save-dev ${need} (or pnpm add -D, yarn add -D, bun add -d).`,
  ];
}

function systemAdvice(needs: readonly Need[], system: string | undefined): string[] {
  const known = system === undefined ? undefined : SYSTEMS[system];
  return (known ? [known] : Object.values(SYSTEMS)).flatMap(({ name, install, packages }) => {
    const names = needs.flatMap((need) => packages[need] ?? []);
    return names.length === 0 ? [] : [`On ${name}: ${install(names)}`];
  });
}

/** A key of SYSTEMS, or undefined for a system that isn't known. */
function thisSystem(): string | undefined {
  if (process.platform !== 'linux') return process.platform in SYSTEMS ? process.platform : undefined;
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    const ids = [...text.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)/gm)].flatMap(([, names]) => names.split(' '));
    return ids.find((id) => id in SYSTEMS);
  } catch {
    return undefined;
  }
}
