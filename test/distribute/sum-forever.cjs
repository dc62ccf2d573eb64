// Folds sums and gathers bytes with the other ranks without end, for kills.test.ts. Prints the rank's process id first.
const path = require('node:path');
const tf = require('../../dist/main.js');
const addon = require(path.join(__dirname, '..', '..', 'build', 'mpi', 'convforge_mpi.node'));

async function main() {
  const d = await tf.distribute.mpi();
  process.stdout.write(`pid ${process.pid}\n`);
  for (let turn = 0; ; turn++) {
    const size = turn % 3 === 0 ? 100_000 : 10;
    addon.sum(d.collective, d.ranks, [[d.rank, d.rank + 1, new Float32Array(size).fill(1)]]);
    if (turn % 7 === 0) await d.gather(Buffer.from('x'));
  }
}

main();
