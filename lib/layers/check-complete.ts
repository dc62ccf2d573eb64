import { ConvforgeError } from '../errors.js';

/**
 * Throws UNSUPPORTED for a layer class that was written for TF.js, where layers compute in JavaScript.
 * `baseName` is the className that a class inherits if it has none.
 */
export function checkComplete(layer: object, baseName: string): void {
  const own: Partial<Record<'call' | 'inferShape' | 'lower', unknown>> = layer;
  const Class = layer.constructor as { className?: string } & typeof layer.constructor;
  const missing = [
    ...(Class.className === baseName ? ['static className of its own'] : []),
    ...(['inferShape', 'lower'] as const).filter((name) => typeof own[name] !== 'function'),
  ];
  if (missing.length === 0 && own.call === undefined) return;
  const problem =
    missing.length > 0 ? `it has no ${missing.join(' and no ')}` : 'its method call is never called';
  throw new ConvforgeError(
    'UNSUPPORTED',
    `${Class.name} extends ${Object.getPrototypeOf(Class).name}, but ${problem}: models are computed natively, not by ` +
      'layer methods. Build it from existing layers (a model is a layer, too), or add an op as CONTRIBUTING.md says.',
  );
}
