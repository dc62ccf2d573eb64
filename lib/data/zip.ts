import { OptionChecks, show } from '../options.js';
import { Dataset } from './dataset.js';
import type { ElementSpec } from './element-spec.js';
import type { Elements } from './stages.js';

/** Datasets in nested lists and objects. */
export type Zippable = Dataset<unknown> | readonly Zippable[] | { readonly [key: string]: Zippable };

/** The element type of a zipped structure of datasets. */
export type Zipped<Z> = Z extends Dataset<infer T> ? T : { -readonly [K in keyof Z]: Zipped<Z[K]> };

/**
 * Zips datasets: zip({xs: images, ys: labels}) yields {xs, ys}, and zip([a, b]) yields lists of two. Ends
 * with the shortest dataset.
 *
 * @throws INVALID_ARGUMENT if `datasets` contains anything but datasets, or none.
 */
export function zip<Z extends Zippable>(datasets: Z): Dataset<Zipped<Z>> {
  const parts: Dataset<unknown>[] = [];
  collect(datasets, parts, 0);
  if (parts.length === 0) checks.fail('INVALID_ARGUMENT', 'there are no datasets; give one or more.');
  const read = async function* (readers: Elements<unknown>[]): Elements<unknown> {
    try {
      for (;;) {
        const row = await Promise.all(readers.map((reader) => reader.next()));
        if (row.some(({ done }) => done)) return;
        const values = row.map(({ value }) => value)[Symbol.iterator]();
        yield rebuild(datasets, values);
      }
    } finally {
      await Promise.all(readers.map((reader) => reader.return()));
    }
  };
  const zipped = new Dataset((pass) => read(parts.map((part) => part.pass(pass))), shortest(parts));
  zipped.knowing({ element: () => zippedSpec(datasets, parts) });
  return zipped as Dataset<unknown> as Dataset<Zipped<Z>>;
}

const checks: OptionChecks = new OptionChecks('data.zip');

function collect(value: unknown, parts: Dataset<unknown>[], depth: number): void {
  if (value instanceof Dataset) {
    parts.push(value);
    return;
  }
  if (value === null || typeof value !== 'object' || Symbol.asyncIterator in value || depth === 16)
    checks.fail('INVALID_ARGUMENT', `${show(value)} is not a dataset; give datasets in a list or an object.`);
  for (const part of Object.values(value)) collect(part, parts, depth + 1);
}

/** The structure with each dataset replaced by its value, in the order of `collect`. */
function rebuild(structure: unknown, values: Iterator<unknown>): unknown {
  if (structure instanceof Dataset) return values.next().value;
  if (Array.isArray(structure)) return structure.map((part) => rebuild(part, values));
  const entries = Object.entries(structure as object);
  return Object.fromEntries(entries.map(([key, part]) => [key, rebuild(part, values)]));
}

/** Undefined unless every part's spec is known. */
function zippedSpec(datasets: Zippable, parts: readonly Dataset<unknown>[]): ElementSpec | undefined {
  const specs = parts.map(({ known }) => known.element?.());
  return specs.includes(undefined) ? undefined : (rebuild(datasets, specs.values()) as ElementSpec);
}

/** The size of the shortest dataset; null if it isn't known. */
function shortest(parts: readonly Dataset<unknown>[]): number | null {
  const sizes = parts.map(({ size }) => size);
  if (sizes.includes(null)) return sizes.includes(0) ? 0 : null;
  return Math.min(...(sizes as number[]));
}
