import type { Attribute } from '../../lib/program/description.js';
import type { Link } from './chain.js';

// Nodes that augment images randomly.

const image = (op: ReturnType<Link>['op'], attributes: Record<string, Attribute>): Link => {
  return () => ({ op, attributes: { stream: 3, ...attributes }, parameters: [] });
};

export const randomFlip = (
  horizontal: boolean,
  vertical: boolean,
  draws: Record<string, Attribute> = {},
): Link => image('randomFlip', { horizontal, vertical, ...draws });

export const randomAffine = (
  kind: 'translation' | 'zoom' | 'rotation',
  ranges: number[],
  options: Record<string, Attribute> = {},
): Link => {
  const defaults = { keepAspect: false, fill: 'reflect', fillValue: 0, interpolation: 'bilinear' };
  return image('randomAffine', { kind, ranges, ...defaults, ...options });
};

export const randomCrop = (rows: number, columns: number): Link =>
  image('randomCrop', { size: [rows, columns] });

export const randomTone = (
  kind: 'contrast' | 'brightness',
  range: [number, number],
  limits: [number, number],
  draws: Record<string, Attribute> = {},
): Link => image('randomTone', { kind, range, limits, ...draws });
