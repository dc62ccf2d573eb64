import { ConvforgeError } from '../errors.js';
import type { Engine } from './engine.js';
import { nativeEngine } from './native-engine.js';
import { referenceEngine } from './reference-engine/index.js';

/** 'native': C++; 'reference': plain TypeScript. */
export type EngineName = 'native' | 'reference';

/** Engines are created on first use, so that the reference engine works where the addon can't be loaded. */
const ENGINES: Record<EngineName, () => Engine> = { native: nativeEngine, reference: referenceEngine };

let current: EngineName = 'native';

/**
 * Chooses the engine that runs models from now on: 'native' (the default), or 'reference', plain TypeScript
 * that is easy to read and checks the native engine. A model keeps the engine of its first run.
 */
export function setEngine(name: EngineName): void {
  if (!Object.hasOwn(ENGINES, name)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `setEngine: there is no engine '${name}'; use 'native' or 'reference'.`,
    );
  }
  current = name;
}

/** The name of the engine in use. */
export function getEngine(): EngineName {
  return current;
}

/**
 * Returns the engine in use. Throws ADDON_UNAVAILABLE if it is the native one and the addon can't be loaded.
 */
export function currentEngine(): Engine {
  return ENGINES[current]();
}

/** Loads the engine in use and resolves; otherwise the first run loads it. Rejects with ADDON_UNAVAILABLE. */
export async function ready(): Promise<void> {
  currentEngine();
}
