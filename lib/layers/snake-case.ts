/** A class name in Keras's snake_case for layer names: MaxPooling2D gives max_pooling2d, Conv2D conv2d. */
export function snakeCase(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
