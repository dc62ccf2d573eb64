import { shortened } from '../shortened.js';

/** What a training depends on, as text by its name in messages. */
export type Facts = Readonly<Record<string, string>>;

/**
 * "seed is 1 on ranks 0-2 and 7 on rank 3; ...". Empty if all ranks have the same facts.
 *
 * @param all The facts of each rank.
 */
export function disagreements(all: readonly Facts[]): string {
  const keys = new Set(all.flatMap((facts) => Object.keys(facts)));
  return [...keys].flatMap((key) => disagreement(key, all) ?? []).join('; ');
}

function disagreement(key: string, all: readonly Facts[]): string | undefined {
  const ranksOf = new Map<string, number[]>();
  all.forEach((facts, rank) => {
    const value = facts[key] ?? 'none';
    ranksOf.set(value, [...(ranksOf.get(value) ?? []), rank]);
  });
  if (ranksOf.size < 2) return undefined;
  const values = shortened([...ranksOf.keys()]);
  return `${key} is ${listed([...ranksOf.values()].map((ranks, i) => `${values[i]} on ${nameRanks(ranks)}`))}`;
}

/** "rank 3", "ranks 0-2 and 5". The numbers must be in order. */
function nameRanks(ranks: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const rank of ranks) {
    const run = runs.at(-1);
    if (run?.[1] === rank - 1) run[1] = rank;
    else runs.push([rank, rank]);
  }
  const texts = runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return `${ranks.length === 1 ? 'rank' : 'ranks'} ${listed(texts)}`;
}

/** "a", "a and b", "a, b and c". */
function listed(texts: readonly string[]): string {
  const start = texts.slice(0, -1).join(', ');
  return `${start}${start === '' ? '' : ' and '}${texts[texts.length - 1]}`;
}
