import sharp from 'sharp';

/** An image of an SVG file. */
export interface DrawnImage {
  /** Its title; undefined for the colours of a legend. */
  label?: string;
  /** Its position on the page. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Rows of pixels [red, green, blue, opacity], of the image itself. */
  pixels: number[][][];
}

/** All images of an SVG file that have a label, or with `legends` those that don't, decoded. */
export async function imagesOf(svg: string, legends = false): Promise<DrawnImage[]> {
  const found = [
    ...svg.matchAll(
      /<image x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" preserveAspectRatio="none" href="data:image\/png;base64,([^"]+)">(?:<title>([^<]*)<\/title>)?<\/image>/g,
    ),
  ].filter((match) => (match[6] === undefined) === legends);
  return Promise.all(
    found.map(async ([, x, y, width, height, png, label]) => {
      const place = { x: Number(x), y: Number(y), width: Number(width), height: Number(height) };
      return { label, ...place, pixels: await decode(Buffer.from(png, 'base64')) };
    }),
  );
}

async function decode(png: Buffer): Promise<number[][][]> {
  const decoded = sharp(png).toColourspace('srgb').ensureAlpha().raw();
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true });
  const row = (y: number) =>
    Array.from({ length: info.width }, (_, x) => [
      ...data.subarray(4 * (y * info.width + x), 4 * (y * info.width + x + 1)),
    ]);
  return Array.from({ length: info.height }, (_, y) => row(y));
}

/** The shades of a grey image. */
export function greysOf({ pixels }: DrawnImage): number[][] {
  return pixels.map((row) => row.map(([red]) => red));
}

/** Headings and the lines of notes under them. */
export function captionsOf(svg: string): { heading: string; notes: string }[] {
  return svg
    .split('<text class="heading"')
    .slice(1)
    .map((part) => {
      const [heading, ...texts] = [...part.matchAll(/>([^<]*)<\/text>/g)].map(([, text]) => text);
      return { heading, notes: texts.join(' | ') };
    });
}
