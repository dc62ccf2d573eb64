import type { ScaleLinear } from 'd3-scale';
import { importPackage } from '../import-package.js';

export type Scale = ScaleLinear<number, number>;

export interface Point {
  x: number;
  y: number;
}

/** The least distance between ticks, in pixels. */
const X_DISTANCE = 56;
const Y_DISTANCE = 60;

/**
 * Maps the x of all points to pixels from `left` to `right`. Ignores points that aren't finite, here and
 * below.
 */
export async function xScale(points: readonly Point[], left: number, right: number): Promise<Scale> {
  const { scaleLinear } = await importPackage('d3-scale', () => import('d3-scale'));
  return scaleLinear(extent(points.filter(isFinitePoint).map(({ x }) => x)), [left, right]);
}

/** Maps the y of all points to pixels from `bottom` up to `top`. The axis begins and ends at a tick. */
export async function yScale(points: readonly Point[], bottom: number, top: number): Promise<Scale> {
  const { scaleLinear } = await importPackage('d3-scale', () => import('d3-scale'));
  const scale = scaleLinear(extent(points.filter(isFinitePoint).map(({ y }) => y)), [bottom, top]);
  return scale.nice(tickCount(bottom - top, Y_DISTANCE));
}

export function isFinitePoint({ x, y }: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

export interface Tick {
  /** Pixels along the axis. */
  at: number;
  label: string;
}

export function yTicks(scale: Scale): Tick[] {
  return ticks(scale, countAlong(scale, Y_DISTANCE));
}

/** Whole ticks only if all values are whole, such as epochs. */
export function xTicks(scale: Scale, areWhole: boolean): Tick[] {
  const [from, to] = scale.domain();
  const most = areWhole ? Math.max(1, Math.floor(to - from)) : Number.POSITIVE_INFINITY;
  return ticks(scale, Math.min(most, countAlong(scale, X_DISTANCE)));
}

function ticks(scale: Scale, count: number): Tick[] {
  const format = scale.tickFormat(count, isLong(scale.domain()) ? 'e' : undefined);
  return scale.ticks(count).map((value) => ({ at: scale(value), label: format(value) }));
}

function countAlong(scale: Scale, distance: number): number {
  const [from, to] = scale.range();
  return tickCount(Math.abs(to - from), distance);
}

/** Whether the values have so many digits that an exponent reads better. */
function isLong(domain: readonly number[]): boolean {
  const largest = Math.max(...domain.map(Math.abs));
  return largest >= 1e6 || largest < 1e-4;
}

function tickCount(length: number, distance: number): number {
  return Math.max(2, Math.floor(length / distance));
}

/** The range of the values, widened if all are equal; [0, 1] without values. */
function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const [least, greatest] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (least < greatest) return [least, greatest];
  const room = Math.abs(least) / 2 || 0.5;
  return [least - room, least + room];
}
