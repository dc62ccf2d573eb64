import { Tensor } from '../tensor/index.js';
import { type DecodeImage, decoding, type ImageForm } from './image-form.js';
import { loadPeer } from './load-peer.js';

/** The used part of the package @napi-rs/image. */
interface Transformer {
  metadata(withExif: boolean): Promise<{
    width: number;
    height: number;
    orientation?: number;
    format: string;
    /** An index into SAMPLES. */
    colorType: number;
  }>;
  rotate(): Transformer;
  resize(options: { width: number; height: number; filter: number; fit: number }): Transformer;
  fastResize(options: { width: number; height: number; filter: number; fit: number }): Transformer;
  rawPixels(): Promise<Uint8Array>;
}

export interface NapiRsImage {
  Transformer: new (bytes: Uint8Array) => Transformer;
}

/** Loads the package for the function `who`. Rejects with PEER_MISSING. */
export async function loadNapiRsImage(who: string, load?: () => Promise<unknown>): Promise<NapiRsImage> {
  return (await loadPeer(who, '@napi-rs/image', load)) as NapiRsImage;
}

/** Samples of a pixel, and bits of a sample, for each color type of the package. */
const SAMPLES: readonly (readonly [samples: number, bits: 8 | 16])[] = [
  [1, 8],
  [2, 8],
  [3, 8],
  [4, 8],
  [1, 16],
  [2, 16],
  [3, 16],
  [4, 16],
];

/** The package's numbers of fast filters. It has no fast one for 'nearest'. */
const FILTERS: Record<ImageForm['interpolation'], number | undefined> = {
  nearest: undefined,
  bilinear: 1,
  bicubic: 3,
  mitchellcubic: 4,
  lanczos3: 5,
};

const SLOW_NEAREST = 0;
const FIT_FILL = 1;

type Size = readonly [height: number, width: number];

/** Rows of pixels, each of as many bytes. */
interface Pixels {
  bytes: Uint8Array;
  height: number;
  width: number;
}

/**
 * Decodes images to uint8 [height, width, channels]. Applies the camera's orientation, and puts transparent
 * images on black.
 */
export function napiRsDecoder({ Transformer }: NapiRsImage, form: Omit<ImageForm, 'decoder'>): DecodeImage {
  return (bytes, what) =>
    decoding(what, async () => {
      const image = new Transformer(bytes);
      const { orientation = 1, format, colorType, ...stored } = await image.metadata(true);
      if (format === 'jpeg' && isCutOff(bytes)) throw new Error('the JPEG is cut off');
      if (SAMPLES[colorType] === undefined) throw new Error('its pixels are floating-point numbers');
      if (orientation > 1) image.rotate();
      const own: Size = orientation > 4 ? [stored.width, stored.height] : [stored.height, stored.width];
      const drawn = drawnSize(own, form);
      if (drawn[0] !== own[0] || drawn[1] !== own[1]) resize(image, drawn, form);
      const raw = await image.rawPixels();
      const [height, width] = drawn;
      const pixels = { bytes: toBytes(raw, height * width, colorType), height, width };
      const { bytes: values, ...placed } = place(withChannels(pixels, form.channels), form);
      return new Tensor(values, [placed.height, placed.width, form.channels], 'uint8');
    });
}

/** Whether no end marker follows the start of the last scan: the package would fill the rest with grey. */
function isCutOff(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.indexOf('ffd9', Math.max(buffer.lastIndexOf('ffda', 'hex'), 0), 'hex') < 0;
}

/** Height and width to which the image is scaled, before it is cropped or gets edges. */
function drawnSize(own: Size, { size, fit }: Omit<ImageForm, 'decoder'>): Size {
  if (!size) return own;
  if (fit === 'fill') return size;
  const scales = [size[0] / own[0], size[1] / own[1]];
  const scale = fit === 'cover' ? Math.max(...scales) : Math.min(...scales);
  const scaled = (length: number) => Math.max(1, Math.round(length * scale));
  return [scaled(own[0]), scaled(own[1])];
}

function resize(image: Transformer, [height, width]: Size, form: Omit<ImageForm, 'decoder'>): void {
  const filter = FILTERS[form.interpolation];
  if (filter === undefined) image.resize({ width, height, filter: SLOW_NEAREST, fit: FIT_FILL });
  else image.fastResize({ width, height, filter, fit: FIT_FILL });
}

/** The upper byte of each sample. Resizing makes samples of 8 bits, so the number of bytes decides. */
function toBytes(raw: Uint8Array, pixels: number, colorType: number): Uint8Array {
  const [samples, bits] = SAMPLES[colorType];
  if (bits === 8 || raw.length !== 2 * samples * pixels) return new Uint8Array(raw);
  const wide = new Uint16Array(raw.slice().buffer);
  return Uint8Array.from(wide, (sample) => sample >> 8);
}

/** Puts transparent pixels on black, and converts them to 1 or 3 channels: grey is the luma of ITU-R BT.601. */
function withChannels({ bytes, height, width }: Pixels, channels: 1 | 3): Pixels {
  const count = height * width;
  const samples = bytes.length / count;
  if (samples === channels) return { bytes, height, width };
  const isGrey = samples < 3;
  const hasAlpha = samples === 2 || samples === 4;
  const out = new Uint8Array(count * channels);
  for (let i = 0, from = 0, to = 0; i < count; i++, from += samples, to += channels) {
    const alpha = hasAlpha ? bytes[from + samples - 1] / 255 : 1;
    const red = bytes[from];
    const green = isGrey ? red : bytes[from + 1];
    const blue = isGrey ? red : bytes[from + 2];
    if (channels === 1) {
      out[to] = Math.round(alpha * (isGrey ? red : 0.299 * red + 0.587 * green + 0.114 * blue));
    } else {
      out[to] = Math.round(alpha * red);
      out[to + 1] = Math.round(alpha * green);
      out[to + 2] = Math.round(alpha * blue);
    }
  }
  return { bytes: out, height, width };
}

/** Crops around the centre, or adds black edges, to the size of the form. */
function place(pixels: Pixels, { size, channels }: Omit<ImageForm, 'decoder'>): Pixels {
  if (!size || (size[0] === pixels.height && size[1] === pixels.width)) return pixels;
  const [height, width] = size;
  const top = Math.floor((pixels.height - height) / 2);
  const left = Math.floor((pixels.width - width) / 2);
  const bytes = new Uint8Array(height * width * channels);
  const columns = Math.min(width, pixels.width);
  for (let row = Math.max(0, -top); row < height && row + top < pixels.height; row++) {
    const from = ((row + top) * pixels.width + Math.max(0, left)) * channels;
    const to = (row * width + Math.max(0, -left)) * channels;
    bytes.set(pixels.bytes.subarray(from, from + columns * channels), to);
  }
  return { bytes, height, width };
}
