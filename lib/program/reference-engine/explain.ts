import type { PassExplanation, RunMode } from '../explanation.js';
import { elementCount } from './checks.js';
import type { Plan, PlannedStep } from './planned.js';

/** The passes of a plan in the order in which they run. Each has only one algorithm. */
export function explainPlan(plan: Plan, mode: RunMode): PassExplanation[] {
  const { steps, training } = plan;
  const forward = steps.map((step) => pass(step.node.name, 'forward', forwardFlops(step)));
  if (mode === 'predict' || !training) return forward;
  const losses = training.outputs.map(({ name }, i) => pass(i === 0 ? 'loss' : `loss of ${name}`, 'loss', 0));
  const passes = [...forward, ...losses];
  if (mode === 'evaluate') return passes;
  const scored = new Set(training.outputs.map((output) => output.scored));
  for (let i = steps.length - 1; i >= 0; i--) {
    const { firstOutput, outputShapes, inputs } = steps[i];
    if (!outputShapes.some((_, output) => scored.has(firstOutput + output))) continue;
    for (const input of inputs) scored.add(input);
    passes.push(pass(steps[i].node.name, 'backward', 2 * forwardFlops(steps[i])));
  }
  return [...passes, pass('optimizer', 'update', 0)];
}

function pass(node: string, kind: string, flops: number): PassExplanation {
  const nothing = { declined: [], fused: '', bytes: 0, stepBytes: 0, workspace: 0, scratch: 0 };
  return { node, kind, algorithm: 'reference', flops, ...nothing };
}

/** Counts a multiplication and an addition for each kernel element that an output element depends on. */
function forwardFlops({ node, outputShapes, folds }: PlannedStep): number {
  const kernel = node.parameters.find(({ name }) => name === 'kernel');
  if (!kernel) return 0;
  const units = kernel.shape[kernel.shape.length - 1];
  return 2 * folds * elementCount(outputShapes[0]) * (elementCount(kernel.shape) / units);
}
