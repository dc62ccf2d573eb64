import type { FastifyInstance } from 'fastify';
import type * as tf from 'convforge';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Adds GET /metrics: the process, the predictor and the answers, in Prometheus' text format. */
export function addMetrics(app: FastifyInstance, predictor: tf.Predictor): void {
  const register = new Registry();
  collectDefaultMetrics({ register });
  addPredictorMetrics(register, predictor);
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [register],
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = { route: request.routeOptions.url ?? 'none', status: reply.statusCode };
    durations.observe(labels, reply.elapsedTime / 1000);
  });
  app.get('/metrics', async (_, reply) => {
    reply.type(register.contentType);
    return register.metrics();
  });
}

/** What the predictor counts, read when somebody asks for it. */
function addPredictorMetrics(register: Registry, predictor: tf.Predictor): void {
  const registers = [register];
  new Gauge({
    name: 'predictor_requests',
    help: 'Requests that wait for a batch, and requests whose batch runs.',
    labelNames: ['state'],
    registers,
    collect() {
      const { queued, running } = predictor.stats();
      this.set({ state: 'queued' }, queued);
      this.set({ state: 'running' }, running);
    },
  });
  new Counter({
    name: 'predictor_requests_total',
    help: 'Requests that have ended, by how.',
    labelNames: ['outcome'],
    registers,
    collect() {
      const { served, failed, invalid, rejected, aborted } = predictor.stats();
      this.reset();
      for (const [outcome, count] of Object.entries({ served, failed, invalid, rejected, aborted }))
        this.inc({ outcome }, count);
    },
  });
  new Counter({
    name: 'predictor_batches_total',
    help: 'Batches by their number of samples.',
    labelNames: ['size'],
    registers,
    collect() {
      this.reset();
      for (const [size, count] of Object.entries(predictor.stats().batchSizes)) this.inc({ size }, count);
    },
  });
  new Gauge({
    name: 'predictor_latency_seconds',
    help: 'Percentiles of the latest served requests.',
    labelNames: ['quantile'],
    registers,
    collect() {
      const { p50, p99 } = predictor.stats().latencyMs;
      this.set({ quantile: '0.5' }, p50 / 1000);
      this.set({ quantile: '0.99' }, p99 / 1000);
    },
  });
}
