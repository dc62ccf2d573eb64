export {
  createPredictor,
  type Predictor,
  type PredictorOptions,
  type PredictorRequestOptions,
} from './predictor.js';
export type { Latencies, PredictorStats } from './predictor-stats.js';
