import { performance } from 'node:perf_hooks';
import { mpi } from '../../../lib/distribute/index.js';
import { quantile } from '../../../lib/compare/statistics.js';
import { setSeed } from '../../../lib/random/index.js';
import { tensor } from '../../../lib/tensor/index.js';
import { NETWORKS } from '../networks/index.js';
import { buildNetwork, type Network } from '../networks/network.js';
import { networkSamples } from '../networks/samples.js';

/**
 * Trains a network for some seconds, alone or as a rank of mpirun, and prints images a second as JSON.
 * rank.ts KEY SECONDS EXACT BATCH; CONVFORGE_THREADS sets the threads.
 */
async function main(): Promise<void> {
  const [key, seconds, exact, batch] = process.argv.slice(2);
  const found = NETWORKS.find((each) => each.key === key) as Network;
  const network = { ...found, batch: Number(batch) };
  const distribute = await mpi({ exact: exact === 'exact' });
  setSeed(1);
  const { images, labels, count } = await networkSamples(network, network.batches);
  const { model } = buildNetwork(network);
  const x = tensor(images, [count, ...network.input]);
  const y = tensor(labels, [count], 'int32');
  const rates: number[] = [];
  let begin = 0;
  let last = 0;
  const onEpochEnd = () => {
    const now = performance.now();
    if (begin === 0) begin = now;
    else rates.push((1000 * count) / (now - last));
    last = now;
    if (now - begin > 1000 * Number(seconds)) model.stopTraining = true;
  };
  const options = { epochs: 10_000, batchSize: network.batch, verbose: 0, distribute } as const;
  await model.fit(x, y, { ...options, callbacks: { onEpochEnd } });
  if (distribute.rank === 0) console.log(JSON.stringify({ rate: quantile(rates, 0.5) }));
}

main();
