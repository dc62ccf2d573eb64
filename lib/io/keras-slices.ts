import { show } from '../options.js';
import type { Operator, OperatorStep } from './keras-operator.js';
import { isObject } from './read-model-json.js';

/** The steps of `x[key]`: slices and indices, `...` and new axes, as in NumPy. */
export function keyToSlices(operator: Operator): OperatorStep[] {
  const x = operator.input(0, 'x');
  const written = operator.written(1, 'key');
  const parts: unknown[] = Array.isArray(written) ? written : [written];
  const rank = operator.shapeOf(x).length;
  const slices = withoutEllipsis(parts, rank);
  const taken = slices.filter((part) => part !== null);
  if (taken.length > rank) operator.fail(`takes ${taken.length} indices of ${rank} axes`);
  const steps: OperatorStep[] = [];
  if (taken.some((part) => !isWhole(part))) {
    steps.push({ op: 'stridedSlice', options: strided(operator, taken), inputs: [x] });
  }
  // The axes of the result, among which indices leave none.
  for (const [axis, part] of slices.filter((part) => typeof part !== 'number').entries()) {
    if (part !== null) continue;
    const input = steps.length > 0 ? { step: steps.length - 1 } : x;
    steps.push({ op: 'expandDims', options: { axis }, inputs: [input] });
  }
  return steps.length > 0 ? steps : [{ op: 'identity', inputs: [x] }];
}

/** `...` stands for as many whole axes as there are left. */
function withoutEllipsis(parts: readonly unknown[], rank: number): unknown[] {
  const isEllipsis = (part: unknown) => isObject(part) && part.class_name === '__ellipsis__';
  const at = parts.findIndex(isEllipsis);
  if (at < 0) return [...parts];
  const others = parts.filter((part) => part !== null && !isEllipsis(part)).length;
  const whole = { class_name: '__slice__', config: {} };
  return parts.toSpliced(at, 1, ...new Array<unknown>(Math.max(0, rank - others)).fill(whole));
}

function isWhole(part: unknown): boolean {
  if (!isObject(part) || !isObject(part.config)) return false;
  const { start, stop, step } = part.config;
  return [start, stop, step].every((limit) => limit === null || limit === undefined);
}

/** The attributes of `stridedSlice`. A bit of a mask stands for an axis whose limit is left out. */
function strided(operator: Operator, parts: readonly unknown[]) {
  const [begin, end, strides]: number[][] = [[], [], []];
  let [beginMask, endMask, shrinkAxisMask] = [0, 0, 0];
  for (const [axis, part] of parts.entries()) {
    const bit = 2 ** axis;
    if (typeof part === 'number') {
      const index = operator.whole('index', part);
      begin.push(index);
      end.push(index + 1);
      strides.push(1);
      shrinkAxisMask += bit;
      continue;
    }
    if (!isObject(part) || part.class_name !== '__slice__' || !isObject(part.config))
      return operator.fail(`takes the index ${show(part)}`);
    const limit = (name: string, fallback: number) =>
      operator.whole(name, (part.config as Record<string, unknown>)[name] ?? fallback);
    const { start, stop } = part.config;
    if ((start ?? null) === null) beginMask += bit;
    if ((stop ?? null) === null) endMask += bit;
    begin.push(limit('start', 0));
    end.push(limit('stop', 0));
    strides.push(limit('step', 1));
  }
  return { begin, end, strides, beginMask, endMask, shrinkAxisMask };
}
