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

/** Throws in Node before 20.12, and in a bundle. */
function importOutside(name: string): Promise<unknown> {
  const load = new vm.Script('(name) => import(name)', {
    filename: __filename,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return load.runInThisContext()(name);
}
