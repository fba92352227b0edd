import type { BoundFigure } from '../protocol/bound';
import type { Report } from '../protocol/report';
import { showName } from '../protocol/shown';
import { count, upperBound } from './text';

/** What a compression can do to the output, as rows of facts; the layers' parts are in the report. */
export function describeOutputBound({
  bound,
  noBound,
}: Pick<Report, 'bound' | 'noBound'>): string[][] {
  if (bound === undefined) {
    return noBound === undefined ? [] : [['Output', `no bound: ${showName(noBound, 1000)}`]];
  }
  const { certified, calibrated, measured, length, remarks } = bound;
  return [
    ['Output', `${describe(certified)}, certified for up to ${count(length)} positions`],
    ...(calibrated === undefined
      ? []
      : [
          [
            'Output',
            `${describe(calibrated)}, calibrated: for inputs like ${count(calibrated.sequences)} recorded ones`,
          ],
        ]),
    ...(measured === undefined
      ? []
      : [
          [
            'Output',
            `error ${upperBound(measured.error)}, measured on ${count(measured.sequences)} sequences; ` +
              `the output itself ${upperBound(measured.output)}`,
          ],
        ]),
    ...remarks.map((remark) => ['Note', remark]),
  ];
}

function describe({ bound, vacuous }: BoundFigure): string {
  if (bound === null) return 'no bound of the error';
  return `error ≤ ${upperBound(bound)}${vacuous ? ' (vacuous for this network)' : ''}`;
}
