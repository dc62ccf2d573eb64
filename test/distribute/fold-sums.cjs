// A rank's work for sums.test.ts: folds sums of several sizes and numbers of shards over all ranks by the addon, and
// compares them, bit for bit, with a fold of all shards' values here. Usage: fold-sums.cjs ADDON
const addon = require(process.argv[2]);

const { rank, ranks } = addon.start();
const exact = addon.collective(true);
const loose = addon.collective(false);

/** Values of a shard that rounding tells apart, in [-1, 1), some of them large. */
function valuesOf(ArrayType, shard, size) {
  let state = (shard * 7919 + size + 1) >>> 0;
  return ArrayType.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * (state % 3 === 0 ? 4096 : 1);
  });
}

/** Where the right child of a node begins: the largest power of two below its length. */
const middle = (first, end) => first + 2 ** Math.floor(Math.log2(end - first - 1 || 1));

function fold(first, end, leaf) {
  if (end - first === 1) return leaf(first);
  const m = middle(first, end);
  const [left, right] = [fold(first, m, leaf), fold(m, end, leaf)];
  return left.map((value, i) => value + right[i]);
}

/** The largest nodes within the rank's shards. */
function partsOf(first, end, from, to) {
  if (end <= from || to <= first) return [];
  if (from <= first && end <= to) return [[first, end]];
  const m = middle(first, end);
  return [...partsOf(first, m, from, to), ...partsOf(m, end, from, to)];
}

function check(ArrayType, size, shards) {
  const leaf = (shard) => valuesOf(ArrayType, shard, size);
  const bound = (of) => Math.floor((shards * of) / ranks);
  const parts = () =>
    partsOf(0, shards, bound(rank), bound(rank + 1)).map(([a, b]) => [a, b, fold(a, b, leaf)]);
  const expected = fold(0, shards, leaf);
  const total = addon.sum(exact, shards, parts());
  const of = `${size} elements in ${shards} shards on rank ${rank} of ${ranks}`;
  for (let i = 0; i < size; i++)
    if (!Object.is(total[i], expected[i]) && total[i] !== expected[i])
      throw new Error(`${of}: element ${i} is ${total[i]}, not ${expected[i]}`);
  const sums = addon.sum(loose, shards, parts());
  for (let i = 0; i < size; i++)
    if (!(Math.abs(sums[i] - expected[i]) < 1e-2))
      throw new Error(`${of}: inexact element ${i} is ${sums[i]}, not ${expected[i]}`);
}

let checks = 0;
for (let shards = ranks; shards <= 8; shards++) {
  for (const size of [0, 1, 2, 3, 1023, 2049, 4099, 20_001]) check(Float32Array, size, shards);
  for (const size of [0, 1, 3, 1025, 4099]) check(Float64Array, size, shards);
  checks += 13;
}
for (const shards of [ranks, 4]) check(Float32Array, 1e6, shards);
for (let i = 0; i < 50; i++) {
  const largest = addon.largest(exact, rank === i % ranks ? 1000 + i : rank);
  if (largest !== 1000 + i) throw new Error(`the largest is ${largest}`);
}

(async () => {
  // Lanes don't wait for each other, and a rank may be late.
  if (rank === ranks - 1) await new Promise((resolve) => setTimeout(resolve, 100));
  const all = addon.gather(Buffer.from(`rank ${rank}`.repeat(rank * 1000)));
  check(Float32Array, 5000, 8);
  const sizes = (await all).map((bytes) => bytes.length);
  if (sizes.join() !== Array.from({ length: ranks }, (_, i) => 6 * i * 1000).join())
    throw new Error(`gathered ${sizes}`);
  const [bytes] = await addon.broadcast(Buffer.from(rank === 0 ? 'from rank 0' : 'x'.repeat(rank)));
  if (Buffer.from(bytes).toString() !== 'from rank 0') throw new Error('broadcast');
  console.log(`rank ${rank} of ${ranks}: ${checks} sums`);
  process.on('exit', (code) => addon.finish(code));
})();
