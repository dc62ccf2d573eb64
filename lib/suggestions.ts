/* Suggests which known name an unknown name was meant to be. */

/**
 * Names that other libraries use, without capitals and separators, and what they mean. The first meaning that
 * is a known name counts.
 */
const MEANINGS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    act: ['activation'],
    bias: ['useBias'],
    bs: ['batchSize'],
    channels: ['filters', 'channels'],
    coef: ['alpha', 'negativeSlope'],
    crossentropy: ['categoricalCrossentropy', 'crossentropy'],
    decay: ['weightDecay', 'decayRate', 'decay'],
    dilation: ['dilationRate', 'dilations'],
    dim: ['units', 'outputDim', 'axis'],
    dropprob: ['rate'],
    features: ['units'],
    gamma: ['decayRate', 'factor'],
    ksize: ['kernelSize'],
    lr: ['learningRate'],
    maxepochs: ['epochs'],
    nbepoch: ['epochs'],
    neurons: ['units'],
    nfilters: ['filters'],
    numclasses: ['classes', 'depth', 'units'],
    numfilters: ['filters'],
    numunits: ['units'],
    outchannels: ['filters'],
    outfeatures: ['units'],
    outputs: ['units'],
    p: ['rate'],
    pool: ['poolSize'],
    prob: ['rate'],
    probability: ['rate'],
    shape: ['inputShape', 'targetShape'],
    slope: ['negativeSlope', 'alpha'],
    std: ['stddev'],
    step: ['strides'],
    subsample: ['strides'],
    windowsize: ['poolSize'],
  }),
);

/** Shorter words begin too many names. */
const SHORTEST_PREFIX = 3;

/**
 * The candidate that the word most likely means, by spelling, meaning, prefix or common words; undefined if
 * none is near.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const plain = plainName(word);
  return (
    candidates.find((candidate) => plainName(candidate) === plain) ??
    byEdits(plain, candidates, Math.floor(plain.length / 3)) ??
    MEANINGS.get(plain)?.find((meant) => candidates.includes(meant)) ??
    byPrefix(plain, candidates) ??
    byWords(word, candidates) ??
    byEdits(plain, candidates, Math.max(1, Math.ceil(plain.length * 0.6) - 1))
  );
}

/** The name without separators and capitals. */
function plainName(name: string): string {
  return name.replace(/[-_\s]/g, '').toLowerCase();
}

/** The shortest candidate that begins with the word, or that the word begins with. */
function byPrefix(plain: string, candidates: readonly string[]): string | undefined {
  const begins = (whole: string, part: string) => part.length >= SHORTEST_PREFIX && whole.startsWith(part);
  const found = candidates.filter((candidate) => {
    const other = plainName(candidate);
    return begins(other, plain) || begins(plain, other);
  });
  return shortest(found);
}

/** The shortest candidate with the most words in common: kernelSize and size_of_kernel share two. */
function byWords(word: string, candidates: readonly string[]): string | undefined {
  const wordsOf = (name: string) =>
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[-_\s]+/)
      .filter((each) => each.length >= SHORTEST_PREFIX);
  const own = new Set(wordsOf(word));
  const shared = (candidate: string) => wordsOf(candidate).filter((each) => own.has(each)).length;
  const most = Math.max(0, ...candidates.map(shared));
  return most === 0 ? undefined : shortest(candidates.filter((candidate) => shared(candidate) === most));
}

function shortest(names: readonly string[]): string | undefined {
  return [...names].sort((a, b) => a.length - b.length)[0];
}

/** The candidate with the fewest edits, if they are at most `most`. */
function byEdits(plain: string, candidates: readonly string[], most: number): string | undefined {
  let best: string | undefined;
  let fewest = most + 1;
  for (const candidate of candidates) {
    const edits = editDistance(plain, plainName(candidate));
    if (edits >= fewest) continue;
    best = candidate;
    fewest = edits;
  }
  return best;
}

/** The Levenshtein distance: insertions, deletions and substitutions. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(previous[j] + 1, row[j - 1] + 1, substituted));
    }
    previous = row;
  }
  return previous[b.length];
}
