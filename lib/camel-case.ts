/** categorical_crossentropy to categoricalCrossentropy; a name without underscores stays as it is. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
