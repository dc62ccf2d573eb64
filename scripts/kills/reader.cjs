// Loads the model in a folder again and again until it is told to end, and fails if it ever is a mixture: its weights must
// all be the number of its units. Prints the number of loads.
const tf = require('../..');

const [folder] = process.argv.slice(2);
let ends = false;
const end = () => {
  ends = true;
};
process.on('message', end);
// The parent failed.
process.on('disconnect', end);

async function main() {
  let loads = 0;
  while (!ends) {
    const model = await tf.loadLayersModel(folder).catch((error) => {
      // Before the first save.
      if (error.code === 'IO_ERROR' && loads === 0) return undefined;
      throw error;
    });
    if (model) {
      const [kernel] = model.getWeights();
      const [, units] = kernel.shape;
      if (!kernel.dataSync().every((value) => value === units))
        throw new Error(`mixed: ${kernel.dataSync()} of ${units} units`);
      model.dispose();
      loads++;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  if (!process.connected) return;
  process.send({ loads });
  process.disconnect();
}

main();
