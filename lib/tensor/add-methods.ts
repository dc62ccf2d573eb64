import { Tensor } from './tensor.js';

/** Makes functions methods of tensors: the tensor is their first argument. Types are declared beside each call. */
export function addMethods(
  functions: Readonly<Record<string, (x: Tensor, ...others: never[]) => Tensor>>,
): void {
  for (const [name, compute] of Object.entries(functions)) {
    const value = function (this: Tensor, ...others: never[]): Tensor {
      return compute(this, ...others);
    };
    Object.defineProperty(value, 'name', { value: name });
    Object.defineProperty(Tensor.prototype, name, { value, configurable: true, writable: true });
  }
}
