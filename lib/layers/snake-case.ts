const known = new Map<string, string>();

/** A class name in Keras's snake_case for layer names: MaxPooling2D gives max_pooling2d, Conv2D conv2d. */
export function snakeCase(className: string): string {
  let name = known.get(className);
  if (name === undefined) {
    name = className
      .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase();
    known.set(className, name);
  }
  return name;
}
