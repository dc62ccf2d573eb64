import { expect } from 'vitest';

/** Fails unless every tag of the markup is closed in turn, but for the void elements of HTML. */
export function expectBalanced(markup: string): void {
  const open: string[] = [];
  const withoutCode = markup.replace(/<script\b[^>]*>.*?<\/script>/gs, '');
  for (const [, closing, name, selfClosing] of withoutCode.matchAll(
    /<(\/?)([a-z][a-z0-9]*)\b[^<>]*?(\/?)>/gi,
  )) {
    if (selfClosing || ['meta', 'img', 'br'].includes(name)) continue;
    if (closing) expect(open.pop(), `what </${name}> closes`).toBe(name);
    else open.push(name);
  }
  expect(open).toEqual([]);
}

/** The texts of all elements of this name, in order. */
export function textsOf(markup: string, name: string): string[] {
  return [...markup.matchAll(new RegExp(`<${name}\\b[^>]*>([^<]*)</${name}>`, 'g'))].map(([, text]) => text);
}

/** The corners of each data line: a list a line, of a list a gapless part, of [x, y] in pixels. */
export function dataLines(svg: string): number[][][][] {
  return [...svg.matchAll(/<g class="s\d"><path class="line(?: dashed)?" d="([^"]*)"\/>(?!<text)/g)].map(
    ([, d]) =>
      d
        .split('M')
        .slice(1)
        .map((part) => part.split('L').map((corner) => corner.replace('Z', '').split(',').map(Number))),
  );
}
