/**
 * Serves an image classifier over HTTP.
 *
 *     npx tsx examples/server/main.ts model-folder
 *     curl --data-binary @shirt.png -H 'content-type: image/png' localhost:3000/predict
 *
 * The folder holds a model that takes images of bytes, so its first layer is a rescaling, and that gives
 * probabilities. Without a folder it is a LeNet with random weights. PORT and HOST say where to listen; PORT 0
 * takes a free port. SIGHUP reads the folder again, and replaces the model between two batches. SIGTERM and
 * SIGINT answer what was accepted and end the process.
 */
import * as tf from 'convforge';
import { createServer } from './app.js';
import { lenet } from './model.js';

/** A shutdown that takes longer, in milliseconds, ends the process with exit code 1. */
const MAX_SHUTDOWN_MS = 10_000;

async function main(): Promise<void> {
  const folder = process.argv[2];
  const load = async () => (folder ? tf.loadLayersModel(folder) : lenet());
  const predictor = tf.createPredictor(await load(), { maxQueue: 256 });
  const app = createServer(predictor);

  const stop = async (signal: NodeJS.Signals) => {
    console.log(`${signal}: closing`);
    setTimeout(() => process.exit(1), MAX_SHUTDOWN_MS).unref();
    await app.close();
    console.log('Closed');
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.on('SIGHUP', async () => {
    try {
      const next = await load();
      if (String(next.classNames) !== String(predictor.model.classNames))
        throw new Error('The new model has other classes; restart the server.');
      const old = await predictor.replace(next);
      old.dispose();
      console.log('Model replaced');
    } catch (error) {
      console.error(`The old model stays: ${(error as Error).message}`);
    }
  });

  await predictor.ready();
  const { PORT = '3000', HOST = '127.0.0.1' } = process.env;
  console.log(`Listening on ${await app.listen({ port: Number(PORT), host: HOST })}`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
