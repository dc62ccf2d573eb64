import type { Shape } from '../description.js';

/**
 * For each element of a sample of `shape`, the index of its element in `small`, which has size 1 along
 * repeated axes.
 */
export function broadcastPlaces(shape: Shape, small: Shape): Int32Array {
  let places = [0];
  shape.forEach((size, axis) => {
    const steps = Array.from({ length: size }, (_, i) => (small[axis] === 1 ? 0 : i));
    places = places.flatMap((place) => steps.map((step) => place * small[axis] + step));
  });
  return Int32Array.from(places);
}
