// What ranks.test.ts runs on each rank. Usage: ranks.cjs CASE
const tf = require('../../dist/main.js');

const cases = {
  async talk(d) {
    await d.check({ seed: '1', model: 'lenet' });
    const all = await d.gather(new Uint8Array([d.rank, d.rank + 1]));
    const first = await d.broadcast(new Uint8Array(d.rank === 0 ? [7, 8, 9] : [d.rank]));
    const again = await tf.distribute.mpi();
    await again.barrier();
    console.log(
      JSON.stringify({ rank: d.rank, ranks: d.ranks, all: all.map((x) => [...x]), first: [...first] }),
    );
  },
  async differ(d) {
    const facts = { seed: d.rank === 1 ? '7' : '1', model: 'lenet', ...(d.rank === 2 && { more: 'x' }) };
    await d.check(facts).catch(({ code, message }) => console.log(`${code}: ${message}`));
  },
  async options() {
    await tf.distribute
      .mpi({ exact: (process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK) !== '0' })
      .catch(({ code, message }) => console.log(`${code}: ${message}`));
  },
  async throws(d) {
    if (d.rank === 1) throw new Error('a mistake of the script');
    await d.barrier();
  },
  /** The others don't wait for the rank that ends. */
  async throwsAlone(d) {
    if (d.rank === 1) throw new Error('a mistake of the script');
    setTimeout(() => {}, 60_000);
  },
  async leaves(d) {
    if (d.rank === 1) process.exit(0);
    await d.barrier().catch(({ code, message }) => console.log(`${code}: ${message}`));
  },
  /** A message of which the other rank takes nothing. */
  async leavesSum(d) {
    if (d.rank === 1) process.exit(0);
    const addon = require('../../build/mpi/convforge_mpi.node');
    try {
      addon.sum(d.collective, 2, [[0, 1, new Float32Array(4e6)]]);
    } catch ({ message }) {
      console.log(message);
    }
    await d.barrier().catch(({ code, message }) => console.log(`${code}: ${message}`));
  },
  async dies(d) {
    if (d.rank === 1) process.kill(process.pid, 'SIGKILL');
    await d.barrier();
  },
  async worker() {
    const { Worker } = require('node:worker_threads');
    const code = `require(${JSON.stringify(require.resolve('../../dist/main.js'))})
      .distribute.mpi().catch(({ code }) => console.log(code));`;
    await new Promise((resolve) => new Worker(code, { eval: true }).on('exit', resolve));
  },
};

tf.distribute.mpi().then(cases[process.argv[2]]);
