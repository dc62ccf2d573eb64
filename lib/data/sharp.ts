import { Tensor } from '../tensor/index.js';
import { type DecodeImage, decoding, type ImageForm } from './image-form.js';
import { loadPeer } from './load-peer.js';

/** The used part of the package sharp, which decodes images. */
export interface SharpImage {
  rotate(): SharpImage;
  resize(
    width: number,
    height: number,
    options: { fit: string; background: string; kernel: string },
  ): SharpImage;
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

/** sharp's names of interpolations. */
const KERNELS: Record<ImageForm['interpolation'], string> = {
  nearest: 'nearest',
  bilinear: 'linear',
  bicubic: 'cubic',
  mitchellcubic: 'mitchell',
  lanczos3: 'lanczos3',
};

/** Loads sharp for the function `who`. Rejects with PEER_MISSING. */
export async function loadSharp(who: string, load?: () => Promise<unknown>): Promise<Sharp> {
  return ((await loadPeer(who, 'sharp', load)) as { default: Sharp }).default;
}

/**
 * Decodes images to uint8 [height, width, channels]. Applies the camera's orientation, puts transparent
 * images on black, and takes the first of several frames.
 */
export function sharpDecoder(
  sharp: Sharp,
  { size, channels, fit, interpolation }: Omit<ImageForm, 'decoder'>,
): DecodeImage {
  const resizing = { fit, background: '#000', kernel: KERNELS[interpolation] };
  return (bytes, what) =>
    decoding(what, async () => {
      let image = sharp(bytes).rotate().flatten({ background: '#000' });
      if (size) image = image.resize(size[1], size[0], resizing);
      const { data, info } = await image
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      return new Tensor(new Uint8Array(data), [info.height, info.width, channels], 'uint8');
    });
}
