import { ConvforgeError } from '../errors.js';
import type { Engine } from './engine.js';
import { nativeEngine } from './native-engine.js';
import { referenceEngine } from './reference-engine/index.js';

/** 'native': C++; 'reference': plain TypeScript. */
export type EngineName = 'native' | 'reference';

/** Made on first use, so that the reference engine works where the addon can't be loaded. */
const ENGINES: Record<EngineName, () => Engine> = { native: nativeEngine, reference: referenceEngine };

let current: EngineName = 'native';

/**
 * Chooses what runs models from now on: 'native' (the default), or 'reference', plain TypeScript made to be read and to check
 * the native one against. A model keeps the engine that it was first run with.
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

/** The engine in use. Throws ADDON_UNAVAILABLE if it is the native one and that can't be loaded. */
export function currentEngine(): Engine {
  return ENGINES[current]();
}

/** Resolves once the engine in use is loaded, which is done when it is first needed. Rejects with ADDON_UNAVAILABLE. */
export async function ready(): Promise<void> {
  currentEngine();
}
