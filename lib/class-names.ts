import { camelCase } from './camel-case.js';

/**
 * The function name for a name of Keras or TF.js: 'mean_squared_error', 'MeanSquaredError', 'MSE' or
 * 'KLDivergence'.
 */
export function functionName(name: string): string {
  if (/^[A-Z]+$/.test(name)) return name.toLowerCase();
  return camelCase(name).replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (start) => start.toLowerCase());
}

/** Keras's class name: 'klDivergence' becomes 'KLDivergence'. */
export function kerasClassName(name: string): string {
  const special: Readonly<Record<string, string>> = { klDivergence: 'KLDivergence', auc: 'AUC' };
  return special[name] ?? `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}
