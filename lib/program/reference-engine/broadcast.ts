import type { Shape } from '../description.js';

/** By element of a sample of `shape`, the element of `small` that serves it: along an axis of size 1, there is one for all. */
export function broadcastPlaces(shape: Shape, small: Shape): Int32Array {
  let places = [0];
  shape.forEach((size, axis) => {
    const steps = Array.from({ length: size }, (_, i) => (small[axis] === 1 ? 0 : i));
    places = places.flatMap((place) => steps.map((step) => place * small[axis] + step));
  });
  return Int32Array.from(places);
}
