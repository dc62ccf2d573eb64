import type { MetricKind } from '../program/description.js';

/** A metric to pass to compile. */
export interface Metric {
  readonly kind: MetricKind;
  /** Its key in logs; 'val_' is put in front for validation data. */
  readonly logKey: string;
}
