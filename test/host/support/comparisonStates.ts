import type { ComparedRun, ComparisonState } from '../../../src/protocol/comparison';

/** A run of a checkpoint with 100,000 parameters of order 64. */
export function comparedRun(order: number, changes: Partial<ComparedRun> = {}): ComparedRun {
  return {
    label: `Order ${order}`,
    result: `net.order${order}.pt`,
    source: 'net.pt',
    solver: 'Variable Projection with Newton Steps',
    orderBefore: 64,
    orderAfter: { least: order, greatest: order },
    parametersBefore: 100_000,
    parameters: 1000 * order,
    bytes: 4000 * order,
    error: 0.8 / order,
    errorKind: 'certified',
    seconds: order,
    ...changes,
  };
}

/** One that was measured on sample data. */
export const measuredRun = comparedRun(16, {
  accuracy: { value: 0.9, low: 0.88, high: 0.92 },
  accuracyChange: -0.003,
  outputError: { value: 0.05, low: 0.04, high: 0.06 },
});

export function comparisonState(runs: readonly ComparedRun[]): ComparisonState {
  return {
    reports: runs.map(({ result }) => `/models/${result}.ssmreport.json`),
    runs,
    missing: [],
  };
}
