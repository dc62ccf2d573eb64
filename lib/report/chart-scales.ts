import type { ScaleLinear, ScaleLogarithmic } from 'd3-scale';
import { importPackage } from '../import-package.js';

export type Scale = ScaleLinear<number, number> | ScaleLogarithmic<number, number>;

export interface Point {
  x: number;
  y: number;
}

/** The least distance between ticks, in pixels. */
const X_DISTANCE = 56;
const Y_DISTANCE = 60;
/** The same for powers of ten, whose labels are short. */
const POWER_DISTANCE = 30;

/**
 * Maps the x of all points to pixels from `left` to `right`. Ignores points that aren't finite, here and
 * below.
 */
export async function xScale(points: readonly Point[], left: number, right: number): Promise<Scale> {
  const { scaleLinear } = await importPackage('d3-scale', () => import('d3-scale'));
  return scaleLinear(extent(points.filter(isFinitePoint).map(({ x }) => x)), [left, right]);
}

/** An axis: its scale, and the ticks to draw. */
export interface Axis {
  scale: Scale;
  ticks: Tick[];
}

/** Maps the y of all points to pixels from `bottom` up to `top`. The axis begins and ends at a tick. */
export async function linearY(points: readonly Point[], bottom: number, top: number): Promise<Axis> {
  const { scaleLinear } = await importPackage('d3-scale', () => import('d3-scale'));
  const count = tickCount(bottom - top, Y_DISTANCE);
  const scale = scaleLinear(extent(points.filter(isFinitePoint).map(({ y }) => y)), [bottom, top]).nice(
    count,
  );
  return { scale, ticks: ticks(scale, count) };
}

/** Like linearY, for values above 0. The axis begins and ends at a power of ten. */
export async function logarithmicY(points: readonly Point[], bottom: number, top: number): Promise<Axis> {
  const { scaleLog } = await importPackage('d3-scale', () => import('d3-scale'));
  const values = points.filter(isFinitePoint).map(({ y }) => y);
  const scale = scaleLog(values.length === 0 ? [0.1, 1] : extent(values), [bottom, top]).nice();
  const [from, to] = scale.domain().map((value) => Math.round(Math.log10(value)));
  const step = Math.ceil((to - from) / tickCount(bottom - top, POWER_DISTANCE));
  const exponents = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
  const powers = exponents.map((exponent) => ({
    at: scale(10 ** exponent),
    label: `${Number(`1e${exponent}`)}`,
  }));
  return { scale, ticks: powers };
}

export function isFinitePoint({ x, y }: Point): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

export interface Tick {
  /** Pixels along the axis. */
  at: number;
  label: string;
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
