import type Module from 'node:module';
import vm from 'node:vm';

/**
 * Imports an ES module of a dependency. `load` is `() => import(name)`. It fails in a `vm` context whose owner
 * doesn't implement import(), as in Jest by default. There, the main realm imports the module.
 */
export async function importPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    try {
      return (await importOutside(name)) as T;
    } catch {
      throw error;
    }
  }
}

/**
 * Throws in Node before 20.16, and in a bundle. `vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER` would do without
 * a second file, but Node 20 prints a warning that it is experimental.
 */
function importOutside(name: string): Promise<unknown> {
  const { createRequire } = vm.runInThisContext("process.getBuiltinModule('node:module')") as typeof Module;
  const { importHere } = createRequire(__filename)('./import-outside.js');
  return importHere(name);
}
