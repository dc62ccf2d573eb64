import type { DecodeImage, ImageForm } from './image-form.js';
import { loadNapiRsImage, napiRsDecoder } from './napi-rs-image.js';
import { loadSharp, sharpDecoder } from './sharp.js';

/** Loads the form's decoder for the function `who`. Rejects with PEER_MISSING. */
export async function loadDecoder(who: string, { decoder, ...form }: ImageForm): Promise<DecodeImage> {
  return decoder === 'sharp'
    ? sharpDecoder(await loadSharp(who), form)
    : napiRsDecoder(await loadNapiRsImage(who), form);
}
