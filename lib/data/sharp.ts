import { ConvforgeError } from '../errors.js';

/** What is used of the package sharp, which decodes pictures. */
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

/** An optional peer dependency: its name is kept from the compiler, which need not find it. */
const PACKAGE: string = 'sharp';

/** Rejects with PEER_MISSING if sharp isn't installed, or not for this platform. `who` needs it. */
export async function loadSharp(
  who: string,
  load: () => Promise<unknown> = () => import(PACKAGE),
): Promise<Sharp> {
  try {
    return ((await load()) as { default: Sharp }).default;
  } catch (cause) {
    throw new ConvforgeError(
      'PEER_MISSING',
      `${who} decodes pictures with the package sharp, which can't be loaded; install it: npm install sharp (${(cause as Error).message.split('\n')[0]})`,
      { cause },
    );
  }
}
