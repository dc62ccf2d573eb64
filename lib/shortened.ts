const MAX_LENGTH = 120;

/** Texts that differ. If one is long, all are cut to where they begin to differ. */
export function shortened(texts: readonly string[]): string[] {
  if (texts.every(({ length }) => length <= MAX_LENGTH)) return [...texts];
  let same = 0;
  while (texts.every((text) => same < text.length && text[same] === texts[0][same])) same++;
  const start = Math.max(0, same - MAX_LENGTH / 4);
  return texts.map((text) => {
    const part = text.slice(start, start + MAX_LENGTH);
    return `${start > 0 ? '...' : ''}${part}${start + MAX_LENGTH < text.length ? '...' : ''}`;
  });
}
