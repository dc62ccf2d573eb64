import { encodePng } from '../io/png.js';
import type { ByteImage } from '../io/png.js';
import { escapeText } from './escape.js';
import { imageColormap } from './image-input.js';
import { paintColours, paintSideBySide, splitPlanes } from './planes.js';

/** Values [height, width, channels], row-major. */
export interface Picture {
  shape: readonly number[];
  values: ArrayLike<number>;
}

/** The longest side of a picture that is kept at full resolution, and the side at which small ones are shown. */
const LONGEST = 64;
const SHOWN = 96;

/** Whether values of this shape can be shown as one image: grey, or red, green and blue. */
export function isPictureShape(shape: readonly (number | null)[]): boolean {
  return shape.length === 3 && (shape[2] === 1 || shape[2] === 3);
}

/** An <img> of the picture. Larger ones are shrunk. Its range is that of `like`, by default its own. */
export async function pictureTag(
  { shape, values }: Picture,
  label: string,
  like: ArrayLike<number> = values,
): Promise<string> {
  const [height, width, channels] = shape;
  const colormap = imageColormap(like);
  const planes = splitPlanes({ height, width, channels, values }, channels, LONGEST);
  return imageTag(channels === 3 ? paintColours(planes, colormap) : paintSideBySide(planes, colormap), label);
}

/** An <img> of class indices [height, width], each class in a colour of its own. */
export async function maskTag(
  { shape: [height, width], values }: Picture,
  colours: readonly string[],
  label: string,
): Promise<string> {
  const step = Math.max(1, Math.ceil(Math.max(height, width) / LONGEST));
  const [rows, columns] = [Math.ceil(height / step), Math.ceil(width / step)];
  const pixels = new Uint8Array(3 * rows * columns);
  for (let i = 0; i < rows * columns; i++) {
    const index = values[Math.floor(i / columns) * step * width + (i % columns) * step];
    const colour = colours[index % colours.length] ?? '#000000';
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = Number.parseInt(colour.slice(1 + 2 * c, 3 + 2 * c), 16);
  }
  return imageTag({ height: rows, width: columns, channels: 3, pixels }, label);
}

async function imageTag(image: ByteImage, label: string): Promise<string> {
  const png = (await encodePng(image)).toString('base64');
  const scale = SHOWN / Math.max(image.width, image.height);
  const size = `width="${Math.round(image.width * scale)}" height="${Math.round(image.height * scale)}"`;
  return `<img alt="${escapeText(label)}" ${size} src="data:image/png;base64,${png}">`;
}
