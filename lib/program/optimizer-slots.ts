import type { OptimizerDescription, OptimizerRule } from './optimizer-description.js';

/** An array that an optimizer keeps for each weight. */
export interface SlotDescription {
  name: string;
  /** The value of each element before the first step. */
  initial: number;
}

/** The slots of an optimizer, in the order in which they are stored. */
export function slotsOf(optimizer: OptimizerDescription): SlotDescription[] {
  const names = ruleSlots(optimizer);
  if ((optimizer.gradientAccumulationSteps ?? 1) > 1) names.push('accumulated');
  if (optimizer.useEma) names.push('average');
  const initial = optimizer.kind === 'adagrad' ? optimizer.initialAccumulatorValue : 0;
  return names.map((name) => ({ name, initial: name === 'accumulator' ? initial : 0 }));
}

function ruleSlots(rule: OptimizerRule): string[] {
  switch (rule.kind) {
    case 'sgd':
      return rule.momentum > 0 ? ['momentum'] : [];
    case 'adam':
      return rule.amsgrad ? ['m', 'v', 'vhat'] : ['m', 'v'];
    case 'adamax':
      return ['m', 'u'];
    case 'nadam':
      return ['m', 'v'];
    case 'rmsprop':
      return ['rms', ...(rule.momentum > 0 ? ['momentum'] : []), ...(rule.centered ? ['mg'] : [])];
    case 'adagrad':
      return ['accumulator'];
    case 'adadelta':
      return ['accumGrad', 'accumVar'];
    case 'lion':
      return ['m'];
  }
}
