/** Imports an ES module. importPackage loads this file a second time, in the main realm. */
export const importHere = (name: string): Promise<unknown> => import(name);
