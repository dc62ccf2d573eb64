import multipart from '@fastify/multipart';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import * as tf from 'convforge';
import { IMAGE_TYPES, ImageReader } from './images.js';
import { addMetrics } from './metrics.js';

/** An upload is refused if it has more bytes. */
const MAX_BYTES = 5 * 2 ** 20;

/** An upload that takes longer, in milliseconds, is cut off. */
const MAX_UPLOAD_MS = 30_000;

/** HTTP's answers to the errors of convforge. Any other code is the server's own fault: 500. */
const STATUS: Partial<Record<tf.ErrorCode, number>> = {
  CORRUPT_FILE: 400,
  INVALID_ARGUMENT: 400,
  SHAPE_MISMATCH: 400,
  TOO_LARGE: 413,
  UNSUPPORTED: 415,
  // nginx's number for a client that has gone, and so doesn't see it.
  ABORTED: 499,
  QUEUE_FULL: 503,
  // The server is closing.
  DISPOSED: 503,
};

/**
 * Makes a server that classifies images with a predictor's model: GET /health, GET /metrics, and POST /predict
 * with an image as the body or as a file of a form. When it closes, it answers what it has accepted, and then
 * closes the predictor.
 */
export function createServer(predictor: tf.Predictor): FastifyInstance {
  const app = Fastify({ bodyLimit: MAX_BYTES, requestTimeout: MAX_UPLOAD_MS });
  const images = new ImageReader(predictor.model.signature.inputs[0].shape);
  // Kept, since the model may be replaced while a request waits. Models that replace it must have the same classes.
  const { classNames } = predictor.model;
  app.register(multipart, { limits: { fileSize: MAX_BYTES, files: 1, fields: 10 } });
  // Images alone: fastify would also read JSON and text.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    [...IMAGE_TYPES, 'application/octet-stream'],
    { parseAs: 'buffer' },
    (_, body, done) => done(null, body),
  );
  // An answered connection would stay open for the client's next request, and hold up the end.
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onSend', async (_, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
  app.addHook('onClose', () => predictor.close());
  app.setErrorHandler((error: FastifyError | tf.ConvforgeError, _, reply) => {
    const status = statusOf(error);
    if (status === 503) reply.header('retry-after', '1');
    if (status === 500) console.error(error);
    const message = status === 500 ? 'The server failed.' : error.message;
    return reply.code(status).send({ error: error.code ?? 'INTERNAL', message });
  });
  addMetrics(app, predictor);

  app.get('/health', () => ({ status: 'ok' }));
  app.post('/predict', async (request, reply) => {
    const client = new AbortController();
    // Also fires after the answer, when nothing is left to end.
    reply.raw.once('close', () => client.abort());
    const image = await images.read(await uploadOf(request));
    return answer(classNames, await predictor.predict(image, { signal: client.signal }));
  });
  return app;
}

function statusOf(error: FastifyError | tf.ConvforgeError): number {
  if (error instanceof tf.ConvforgeError) return STATUS[error.code] ?? 500;
  return error.statusCode ?? 500;
}

/** The bytes of the request's body, or of its form's first file. */
async function uploadOf(request: FastifyRequest): Promise<Buffer> {
  const upload = request.isMultipart() ? await (await request.file())?.toBuffer() : request.body;
  if (Buffer.isBuffer(upload) && upload.length > 0) return upload;
  throw new tf.ConvforgeError('INVALID_ARGUMENT', 'There is no image: send one as the body, or as a file.');
}

/** The probabilities by class, the most probable first. */
function answer(classNames: readonly string[], output: tf.Tensor) {
  const classes = [...output.dataSync()].map((probability, i) => {
    return { name: classNames[i] ?? String(i), probability };
  });
  return { classes: classes.sort((a, b) => b.probability - a.probability) };
}
