import type { PassExplanation, RunMode } from '../explanation.js';
import { elementCount } from './checks.js';
import type { Plan, PlannedStep } from './plan.js';

/** The passes of a plan, in the order in which they run. There is one way to compute each. */
export function explainPlan({ steps, training }: Plan, mode: RunMode): PassExplanation[] {
  const forward = steps.map((step) => pass(step.node.name, 'forward', forwardFlops(step)));
  if (mode === 'predict' || !training) return forward;
  const passes = [...forward, pass('loss', 'loss', 0)];
  if (mode === 'evaluate') return passes;
  const scored = training.beforeLast ? steps.slice(0, -1) : steps;
  const backward = scored.map((step) => pass(step.node.name, 'backward', 2 * forwardFlops(step)));
  return [...passes, ...backward.reverse(), pass('optimizer', 'update', 0)];
}

function pass(node: string, kind: string, flops: number): PassExplanation {
  const nothing = { declined: [], fused: '', bytes: 0, stepBytes: 0, workspace: 0, scratch: 0 };
  return { node, kind, algorithm: 'reference', flops, ...nothing };
}

/** Two for each multiplication of an output by a row of the kernel. */
function forwardFlops({ node, outputShape }: PlannedStep): number {
  const kernel = node.parameters.find(({ name }) => name === 'kernel');
  if (!kernel) return 0;
  const units = kernel.shape[kernel.shape.length - 1];
  return 2 * elementCount(outputShape) * (elementCount(kernel.shape) / units);
}
