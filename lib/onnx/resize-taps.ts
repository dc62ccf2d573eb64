import type { Taps } from './along-axis.js';
import { invalid } from './context.js';

/** How Resize interpolates. */
export interface ResizeOptions {
  mode: string;
  coordinates: string;
  nearest: string;
  /** The coefficient of cubic interpolation. */
  cubic: number;
  /** Whether weights of positions outside are dropped, and the others scaled to a sum of 1. */
  excludesOutside: boolean;
  antialias: boolean;
  extrapolated: number;
}

/** An axis that is resized. */
export interface ResizeAxis {
  input: number;
  output: number;
  scale: number;
  /** The part that tf_crop_and_resize takes, from 0 to 1. */
  roi?: readonly [number, number];
}

/** The input's positions for each output, and their weights. */
export function resizeTaps(axis: ResizeAxis, options: ResizeOptions): Taps {
  return Array.from({ length: axis.output }, (_, o) => {
    if (isOutside(axis, options, o)) return [[0, 0]];
    return tapsAt(axis, options, coordinate(axis, options.coordinates, o));
  });
}

/** Whether an output lies outside of the input, and has the extrapolation value. */
export function isOutside(axis: ResizeAxis, { coordinates }: ResizeOptions, o: number): boolean {
  const x = coordinate(axis, coordinates, o);
  return coordinates === 'tf_crop_and_resize' && (x < 0 || x > axis.input - 1);
}

function coordinate({ input, output, scale, roi = [0, 1] }: ResizeAxis, mode: string, o: number): number {
  switch (mode) {
    case 'half_pixel':
      return (o + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric': {
      const adjustment = output / (scale * input);
      return (input / 2) * (1 - adjustment) + (o + 0.5) / scale - 0.5;
    }
    case 'pytorch_half_pixel':
      return output > 1 ? (o + 0.5) / scale - 0.5 : 0;
    case 'tf_half_pixel_for_nn':
      return (o + 0.5) / scale;
    case 'align_corners':
      return output > 1 ? (o * (input - 1)) / (scale * input - 1) : 0;
    case 'asymmetric':
      return o / scale;
    case 'tf_crop_and_resize': {
      const [start, end] = roi;
      if (output === 1) return 0.5 * (start + end) * (input - 1);
      return start * (input - 1) + (o * (end - start) * (input - 1)) / (output - 1);
    }
    default:
      return invalid(`its coordinate_transformation_mode is ${mode}`);
  }
}

type Tap = readonly [position: number, weight: number];

function tapsAt(axis: ResizeAxis, options: ResizeOptions, x: number): Tap[] {
  const { mode, nearest, antialias } = options;
  const last = axis.input - 1;
  const clamped = (position: number) => Math.min(Math.max(position, 0), last);
  if (mode === 'nearest') return [[clamped(nearestOf(nearest, x)), 1]];
  if (mode !== 'linear' && mode !== 'cubic') return invalid(`its mode is ${mode}`);
  const reach = mode === 'linear' ? 1 : 2;
  // Where an image is made smaller, antialiasing widens the filter by as much.
  const factor = antialias ? Math.min(axis.scale, 1) : 1;
  const weightAt = mode === 'linear' ? linear : (distance: number) => cubic(distance, options.cubic);
  const from = Math.floor(x) - Math.ceil(reach / factor) + 1;
  const to = Math.floor(x) + Math.ceil(reach / factor);
  const taps: [number, number][] = [];
  for (let position = from; position <= to; position++) {
    const isInside = position >= 0 && position <= last;
    const weight = weightAt((position - x) * factor);
    if (weight !== 0 && (isInside || !options.excludesOutside)) taps.push([clamped(position), weight]);
  }
  const total = taps.reduce((sum, [, weight]) => sum + weight, 0);
  return options.excludesOutside || antialias ? taps.map(([at, weight]) => [at, weight / total]) : taps;
}

function nearestOf(mode: string, x: number): number {
  switch (mode) {
    case 'round_prefer_floor':
      return Math.ceil(x - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5);
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    default:
      return invalid(`its nearest_mode is ${mode}`);
  }
}

function linear(distance: number): number {
  return Math.max(1 - Math.abs(distance), 0);
}

/** Keys: Cubic Convolution Interpolation for Digital Image Processing, 1981. */
function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}
