import * as tf from 'convforge';
import sharp from 'sharp';

/** An image is refused if it has more pixels: a file of some kilobytes may have a billion. */
const MAX_PIXELS = 2 ** 24;

/** Images that are decoded at a time. More are refused: they would pile up before the predictor's queue. */
const MAX_DECODING = 64;

/** The types of image that are decoded. Others that sharp knows, such as SVG, may ask for much work. */
export const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/webp'];

/** Decodes uploads to images of a model's input shape. */
export class ImageReader {
  readonly #form: { size: [number, number]; channels: 1 | 3 };
  #decoding = 0;

  constructor(inputShape: tf.SampleShape) {
    const [height, width, channels] = inputShape;
    if (inputShape.length !== 3 || !height || !width || (channels !== 1 && channels !== 3))
      throw new Error(`The model takes ${inputShape}; this server serves images [height, width, 1 or 3].`);
    this.#form = { size: [height, width], channels };
  }

  /** Rejects with UNSUPPORTED, TOO_LARGE, CORRUPT_FILE, QUEUE_FULL. */
  async read(bytes: Buffer): Promise<tf.Tensor> {
    if (this.#decoding >= MAX_DECODING)
      throw new tf.ConvforgeError('QUEUE_FULL', `${MAX_DECODING} images are being decoded; try again later.`);
    this.#decoding++;
    try {
      await checkHeader(bytes);
      return await tf.node.decodeImage(bytes, this.#form);
    } finally {
      this.#decoding--;
    }
  }
}

/** Reads type and size from the file's first bytes, before anything is decoded. */
async function checkHeader(bytes: Buffer): Promise<void> {
  const { format, width, height } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause) => {
      throw new tf.ConvforgeError('UNSUPPORTED', 'This is no image that the server knows.', { cause });
    });
  if (!IMAGE_TYPES.includes(`image/${format}`))
    throw new tf.ConvforgeError('UNSUPPORTED', `This is ${format}; send one of ${IMAGE_TYPES.join(', ')}.`);
  if (width * height > MAX_PIXELS)
    throw new tf.ConvforgeError(
      'TOO_LARGE',
      `This has ${width} x ${height} pixels; at most ${MAX_PIXELS} are read.`,
    );
}
