import { join } from 'node:path';
import { type Found, onPath, output } from './find.js';

/** Fails to compile where the compiler is too old, or lacks the headers of C++20 or of the system. */
const PROBE = `
#if defined(__clang__)
#if !defined(__apple_build_version__) && __clang_major__ < 14
#error too old: it must be clang 14 or later
#endif
#elif defined(__GNUC__) && __GNUC__ < 11
#error too old: it must be GCC 11 or later
#endif
#include <atomic>
#include <cmath>
#include <span>
#include <stdlib.h>
#include <thread>
static_assert(__cplusplus > 201703L);
int main() { std::atomic<int> number{0}; number.notify_one(); return std::span<int>().size() + number; }
`;

/** A compiler's command is empty if its builder finds it by itself. */
export type Compiler = Found & { hasOpenMP?: boolean };

/** Finds a C++20 compiler: CXX, else the usual ones. */
export function findCompiler(env: NodeJS.ProcessEnv): Compiler {
  if (process.platform === 'win32') return findVisualStudio(env);
  if (env.CXX) return tryCompiler(env.CXX.trim().split(/\s+/), env);
  const isMac = process.platform === 'darwin';
  // Without the command line tools, macOS's compilers only open a window that offers them.
  if (isMac && !output(['xcode-select', '-p'], env).ok)
    return { reason: "Xcode's command line tools are missing" };
  const names = (isMac ? ['clang++'] : ['g++', 'clang++', 'c++']).filter((name) => onPath(name, env));
  const tried = names.map((name) => tryCompiler([name], env));
  const problems = tried.flatMap((found) => ('reason' in found ? [found.reason] : []));
  return (
    tried.find((found) => 'command' in found) ?? {
      reason: problems.join('; ') || 'none of g++, clang++ and c++ is on the PATH',
    }
  );
}

function tryCompiler(command: readonly string[], env: NodeJS.ProcessEnv): Compiler {
  const name = command.join(' ');
  const version = output([...command, '--version'], env);
  if (!version.ok) return { reason: `${name} can't be run` };
  const [title] = version.text.split('\n');
  const check = [...command, '-std=c++20', '-fsyntax-only', '-x', 'c++'];
  const { ok, text } = output([...check, '-'], env, PROBE);
  if (ok) {
    const openMP = output([...check, '-fopenmp', '-'], env, '#include <omp.h>\n');
    return { command, title, hasOpenMP: openMP.ok };
  }
  const error = text.match(/error: (.*)/)?.[1] ?? text.split('\n')[0];
  return { reason: `${name} (${title}) compiles no C++20: ${error.replace(/^#error /, '')}` };
}

/** Visual Studio's own tool tells where it has C++. node-gyp and CMake find it by themselves. */
function findVisualStudio(env: NodeJS.ProcessEnv): Compiler {
  const programs = env['ProgramFiles(x86)'] ?? 'C:\\Program Files (x86)';
  const { ok, text } = output(
    [
      join(programs, 'Microsoft Visual Studio', 'Installer', 'vswhere.exe'),
      ...['-latest', '-products', '*', '-property', 'displayName'],
      ...['-requires', 'Microsoft.VisualStudio.Component.VC.Tools.x86.x64'],
    ],
    env,
  );
  if (ok && text !== '') return { command: [], title: text };
  return { reason: 'Visual Studio with its C++ tools is missing' };
}
