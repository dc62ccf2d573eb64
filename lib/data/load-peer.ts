import { ConvforgeError } from '../errors.js';
import { importPackage } from '../import-package.js';

/**
 * Loads an optional peer dependency that decodes images for the function `who`. Rejects with PEER_MISSING if
 * it isn't installed, or not for this platform.
 *
 * @param name The type `string` keeps the compiler from resolving it, the comments in the import() bundlers.
 */
export async function loadPeer(
  who: string,
  name: string,
  load: () => Promise<unknown> = () =>
    importPackage(name, () => import(/* webpackIgnore: true */ /* @vite-ignore */ name)),
): Promise<unknown> {
  try {
    return await load();
  } catch (cause) {
    throw new ConvforgeError(
      'PEER_MISSING',
      `${who} decodes images with the package ${name}, which can't be loaded; install it: npm install ${name} (${(cause as Error).message.split('\n')[0]})`,
      { cause },
    );
  }
}
