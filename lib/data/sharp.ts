import { ConvforgeError } from '../errors.js';
import { importPackage } from '../import-package.js';

/** The used part of the package sharp, which decodes images. */
export interface SharpImage {
  rotate(): SharpImage;
  resize(width: number, height: number, options: { fit: string; background: string }): SharpImage;
  flatten(options: { background: string }): SharpImage;
  removeAlpha(): SharpImage;
  ensureAlpha(): SharpImage;
  toColourspace(space: 'b-w' | 'srgb'): SharpImage;
  metadata(): Promise<{ format?: string; channels?: number; pages?: number; pageHeight?: number }>;
  raw(): SharpImage;
  toBuffer(options: { resolveWithObject: true }): Promise<{
    data: Uint8Array;
    info: { width: number; height: number; channels: number };
  }>;
}

export type Sharp = (bytes: Uint8Array, options?: { animated: boolean }) => SharpImage;

/**
 * An optional peer dependency. The type `string` keeps the compiler from resolving it, the comments in the
 * import() bundlers.
 */
const PACKAGE: string = 'sharp';

/**
 * Loads sharp for the function `who`. Rejects with PEER_MISSING if it isn't installed, or not for this
 * platform.
 */
export async function loadSharp(
  who: string,
  load: () => Promise<unknown> = () =>
    importPackage(PACKAGE, () => import(/* webpackIgnore: true */ /* @vite-ignore */ PACKAGE)),
): Promise<Sharp> {
  try {
    return ((await load()) as { default: Sharp }).default;
  } catch (cause) {
    throw new ConvforgeError(
      'PEER_MISSING',
      `${who} decodes images with the package sharp, which can't be loaded; install it: npm install sharp (${(cause as Error).message.split('\n')[0]})`,
      { cause },
    );
  }
}
