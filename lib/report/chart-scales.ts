import type { ScaleLinear } from 'd3-scale';

export type Scale = ScaleLinear<number, number>;

export interface Point {
  x: number;
  y: number;
}

/** Pixels between ticks, about. */
const X_DISTANCE = 56;
const Y_DISTANCE = 60;

/** Brings the x of all points to pixels from `left` to `right`. Points that are not finite take no part, here and below. */
export async function xScale(points: readonly Point[], left: number, right: number): Promise<Scale> {
  const { scaleLinear } = await import('d3-scale');
  return scaleLinear(extent(points.filter(isFinitePoint).map(({ x }) => x)), [left, right]);
}

/** Brings the y of all points to pixels from `bottom` up to `top`, and begins and ends at a tick. */
export async function yScale(points: readonly Point[], bottom: number, top: number): Promise<Scale> {
  const { scaleLinear } = await import('d3-scale');
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

/** Whole ones only where all values are whole, as epochs are. */
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

/** Whether the values take more digits than can be read at a glance, and are better written with an exponent. */
function isLong(domain: readonly number[]): boolean {
  const largest = Math.max(...domain.map(Math.abs));
  return largest >= 1e6 || largest < 1e-4;
}

function tickCount(length: number, distance: number): number {
  return Math.max(2, Math.floor(length / distance));
}

/** From the least to the greatest value, with room around where all are one; [0, 1] of none. */
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
