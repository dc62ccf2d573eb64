/** Converts categorical_crossentropy to categoricalCrossentropy. A name without underscores is unchanged. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
