import type { ComparedRun, ComparisonTexts } from '../../src/protocol/comparison';

/** What the chart can draw of a run. */
export type Quantity =
  'parameters' | 'bytes' | 'order' | 'error' | 'bound' | 'accuracyLoss' | 'outputError';

/** Undefined where it was not measured. */
export function valueOf(run: ComparedRun, quantity: Quantity): number | undefined {
  switch (quantity) {
    case 'parameters':
      return run.parameters;
    case 'bytes':
      return run.bytes;
    case 'order':
      return run.orderAfter.greatest;
    case 'error':
      return run.error;
    case 'bound':
      return run.bound;
    case 'accuracyLoss':
      return run.accuracyChange === undefined ? undefined : -100 * run.accuracyChange;
    case 'outputError':
      return run.outputError?.value ?? undefined;
  }
}

export function quantityTexts(texts: ComparisonTexts): Record<Quantity, string> {
  const { parameters, bytes, order, error, bound, accuracyLoss, outputError } = texts;
  return { parameters, bytes, order, error, bound, accuracyLoss, outputError };
}

/** Whether values are better seen over powers of ten: all positive and far apart. */
export function spansDecades(values: readonly number[]): boolean {
  if (values.length < 2) return false;
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) > 10 * least;
}
