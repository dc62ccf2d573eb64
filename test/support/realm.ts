import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import type { Convforge } from '../native/tools.js';

/**
 * What tests of a realm get: the built package as it is loaded in a new `vm` context, and `evaluate`, which
 * compiles an expression there.
 */
export interface Realm {
  convforge: Convforge;
  evaluate(expression: string): unknown;
}

/** The globals that Jest's Node environment takes from the outer realm besides Node's own. */
const SHARED_CLASSES = ['ArrayBuffer', 'Uint8Array'];

/**
 * Loads the built package as Jest does: its modules, and those of its dependencies, are compiled in a context
 * with built-in classes of its own. Node's modules and addons stay outside. As in Jest, `import()` fails.
 *
 * @param shared Classes of the outer realm that the context gets. Default: those that Jest shares.
 * @param folder What modules see as `__dirname`, as in a bundle that lies there; '' for none, as in an ES
 * module. Default: the folder of each.
 */
export function makeRealm(shared: readonly string[] = SHARED_CLASSES, folder?: string): Realm {
  const context = vm.createContext({});
  const own = new Set(vm.runInContext('Object.getOwnPropertyNames(globalThis)', context) as string[]);
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (own.has(name) && !shared.includes(name)) continue;
    context[name] = name === 'global' ? context : Reflect.get(globalThis, name);
  }
  const modules = new Map<string, { exports: unknown }>();
  const load = (file: string): unknown => {
    const loaded = modules.get(file);
    if (loaded) return loaded.exports;
    const outer = createRequire(file);
    const module = { exports: {} as unknown };
    modules.set(file, module);
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.json')) {
      module.exports = vm.runInContext(`(${text})`, context);
      return module.exports;
    }
    const require = (id: string): unknown => {
      const resolved = outer.resolve(id);
      return isBuiltin(resolved) || resolved.endsWith('.node') ? outer(resolved) : load(resolved);
    };
    require.resolve = outer.resolve;
    const from = folder ?? path.dirname(file);
    const given = { module, exports: module.exports, require, ...(from && places(from, file)) };
    const run = vm.compileFunction(text, Object.keys(given), { filename: file, parsingContext: context });
    run.call(module.exports, ...Object.values(given));
    return module.exports;
  };
  return {
    convforge: load(path.join(__dirname, '..', '..', 'dist', 'main.js')) as Convforge,
    evaluate: (expression) => vm.runInContext(`(${expression})`, context),
  };
}

function places(folder: string, file: string) {
  return { __filename: path.join(folder, path.basename(file)), __dirname: folder };
}
