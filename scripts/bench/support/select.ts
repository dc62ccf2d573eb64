/** What has a name, and perhaps a short one too. */
export interface Named {
  name: string;
  key?: string;
}

/**
 * Whether the name, or the short name, has the text at the start of a word, in upper or lower case: "lenet" is not
 * in "MobileNet".
 */
export function hasText({ name, key = '' }: Named, text: string): boolean {
  const wanted = text.toLowerCase();
  const whole = ` ${name} ${key}`.toLowerCase();
  let at = whole.indexOf(wanted);
  while (at > 0 && /\w\w/.test(whole.slice(at - 1, at + 1))) at = whole.indexOf(wanted, at + 1);
  return at >= 0;
}

/** The error for a text that no name has. */
export function noSuch(option: string, groups: readonly string[], known: readonly Named[]): Error {
  const list = [...groups, ...known.map(({ name }) => name)].map((name) => `  ${name}`).join('\n');
  return new Error(`${option}: nothing has this text in its name. There are\n${list}`);
}
