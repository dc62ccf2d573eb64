/**
 * The names in an option's list. Each must be one of `known`, or the first words of some: "oneDNN" is "oneDNN 2"
 * and "oneDNN 3".
 */
export function pick<T extends string>(option: string, list: string, known: readonly T[]): T[] {
  const isOf = (text: string, name: string) => name === text || name.startsWith(`${text} `);
  const texts = list.split(',');
  const unknown = texts.find((text) => !known.some((name) => isOf(text, name)));
  if (unknown !== undefined) throw new Error(`--${option} ${unknown}: there are ${known.join(', ')}`);
  return known.filter((name) => texts.some((text) => isOf(text, name)));
}
