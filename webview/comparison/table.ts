import type { ComparedRun } from '../../src/protocol/comparison';
import type { MeasuredFigure } from '../../src/protocol/evaluation';
import {
  fillText,
  showBytes,
  showCount,
  showError,
  showName,
  showSeconds,
} from '../../src/protocol/shown';
import { element, nameText, table } from '../ui/dom';
import type { Column } from '../ui/dom';
import type { ComparisonHost } from './view';

/** The runs with all their figures; the best of each column is marked. Columns without a figure are left out. */
export function comparisonTable(runs: readonly ComparedRun[], host: ComparisonHost): HTMLElement {
  const { texts, language } = host;
  const several = new Set(runs.map(({ source }) => source)).size > 1;
  const has = (value: (run: ComparedRun) => unknown): boolean =>
    runs.some((run) => value(run) !== undefined);
  const columns: (Column<ComparedRun> | undefined)[] = [
    { heading: texts.run, cell: (run) => runCell(run, runs.indexOf(run), host) },
    several
      ? { heading: texts.source, cell: ({ source }) => nameText(showName(source)) }
      : undefined,
    {
      heading: texts.order,
      numeric: true,
      cell: ({ orderBefore, orderAfter: { least, greatest } }) =>
        fillText(
          texts.arrow,
          String(orderBefore),
          least === greatest ? String(greatest) : `${least}–${greatest}`,
        ),
    },
    column(
      runs,
      host,
      texts.parameters,
      'least',
      ({ parameters }) => parameters,
      (run) => showCount(run.parameters, language),
    ),
    column(
      runs,
      host,
      texts.bytes,
      'least',
      ({ bytes }) => bytes,
      (run) => showBytes(run.bytes, language),
    ),
    has(({ error }) => error)
      ? {
          ...column(
            runs,
            host,
            texts.error,
            'least',
            ({ error }) => error,
            (run) => showError(run.error ?? 0),
            ({ errorKind }) => (errorKind === undefined ? '' : texts[errorKind]),
          ),
          help: texts.errorHelp,
        }
      : undefined,
    has(({ bound }) => bound)
      ? {
          ...column(
            runs,
            host,
            texts.bound,
            'least',
            ({ bound }) => bound,
            (run) => `≤ ${showError(run.bound ?? 0)}`,
            () => texts.certified,
          ),
          help: texts.boundHelp,
        }
      : undefined,
    has(({ accuracy }) => accuracy)
      ? {
          ...column(
            runs,
            host,
            texts.accuracy,
            'greatest',
            ({ accuracy }) => accuracy?.value ?? undefined,
            ({ accuracy }) => percent(accuracy),
            ({ accuracy, accuracyChange }) =>
              [
                `${texts.measured} ${interval(accuracy)}`,
                accuracyChange === undefined ? '' : fillText(texts.points, signed(accuracyChange)),
              ]
                .filter(Boolean)
                .join(', '),
          ),
          help: texts.accuracyHelp,
        }
      : undefined,
    has(({ outputError }) => outputError)
      ? {
          ...column(
            runs,
            host,
            texts.outputError,
            'least',
            ({ outputError }) => outputError?.value ?? undefined,
            ({ outputError }) => percent(outputError),
            ({ outputError }) => `${texts.measured} ${interval(outputError)}`,
          ),
          help: texts.outputErrorHelp,
        }
      : undefined,
    { heading: texts.solver, cell: ({ solver }) => showName(solver, 60) },
    { heading: texts.time, numeric: true, cell: ({ seconds }) => showSeconds(seconds, true) },
  ];
  return table(
    fillText(texts.title, String(runs.length)),
    columns.filter((one) => one !== undefined),
    runs,
  );
}

/** From so many characters on, what is said of a figure may take two lines. */
const longAside = 18;

/** A column of figures with its best one marked; a dash where a run has none. */
function column(
  runs: readonly ComparedRun[],
  { texts }: ComparisonHost,
  heading: string,
  best: 'least' | 'greatest',
  value: (run: ComparedRun) => number | undefined,
  show: (run: ComparedRun) => string,
  aside: (run: ComparedRun) => string = () => '',
): Column<ComparedRun> {
  const values = runs.map(value).filter((one) => one !== undefined);
  const bestValue = best === 'least' ? Math.min(...values) : Math.max(...values);
  const differ = values.some((one) => one !== bestValue);
  return {
    heading,
    numeric: true,
    cell: (run) => {
      const own = value(run);
      if (own === undefined) return element('span', { title: texts.none }, '–');
      const more = aside(run);
      const shown = element(
        'span',
        {},
        show(run),
        more === ''
          ? undefined
          : element('span', { class: more.length > longAside ? 'kind long' : 'kind' }, more),
      );
      if (!differ || own !== bestValue) return shown;
      shown.classList.add('best');
      shown.prepend(
        element('span', { class: 'mark', role: 'img', 'aria-label': texts.best }, '★ '),
      );
      return shown;
    },
  };
}

function runCell(run: ComparedRun, index: number, { texts, act }: ComparisonHost): HTMLElement {
  const label = showName(run.label);
  const open = element('button', {
    class: 'link',
    type: 'button',
    title: fillText(texts.openReport, showName(run.result)),
  });
  open.append(nameText(label, fillText(texts.openReport, showName(run.result))));
  open.addEventListener('click', () => {
    act('openReport', index);
  });
  const remove = element(
    'button',
    {
      class: 'remove',
      type: 'button',
      title: fillText(texts.remove, label),
      'aria-label': fillText(texts.remove, label),
    },
    '×',
  );
  remove.addEventListener('click', () => {
    act('remove', index);
  });
  return element(
    'div',
    { class: 'run' },
    element(
      'div',
      {},
      open,
      element('div', { class: 'result' }, nameText(showName(run.result, 60), showName(run.result))),
      run.note === undefined
        ? undefined
        : element('div', { class: 'note' }, showName(run.note, 300)),
    ),
    remove,
  );
}

function percent(figure: MeasuredFigure | undefined): string {
  return figure === undefined ? '' : `${inPercent(figure.value)} %`;
}

/** "[60.0, 64.0]": the ends of the interval, in per cent. */
function interval(figure: MeasuredFigure | undefined): string {
  return figure === undefined ? '' : `[${inPercent(figure.low)}, ${inPercent(figure.high)}]`;
}

function inPercent(share: number | null): string {
  return share === null ? '∞' : (100 * share).toFixed(1);
}

function signed(share: number): string {
  const points = (100 * Math.abs(share)).toFixed(1);
  return `${points === '0.0' ? '±' : share < 0 ? '−' : '+'}${points}`;
}

/** All figures at full precision; texts quoted, and such as a spreadsheet would compute with made harmless. */
export function comparisonCsv(runs: readonly ComparedRun[]): string {
  const header = [
    ...['run', 'result', 'checkpoint', 'note', 'solver'],
    ...['order_before', 'order_after', 'parameters_before', 'parameters', 'bytes'],
    ...['relative_h2_error', 'error_kind', 'output_bound'],
    ...['accuracy', 'accuracy_low', 'accuracy_high', 'accuracy_change'],
    ...['output_error', 'output_error_low', 'output_error_high', 'seconds'],
  ];
  const rows = runs.map((run) => [
    ...[run.label, run.result, run.source, run.note ?? '', run.solver].map(quoted),
    run.orderBefore,
    run.orderAfter.greatest,
    run.parametersBefore,
    run.parameters,
    run.bytes,
    run.error,
    quoted(run.errorKind ?? ''),
    run.bound,
    ...[run.accuracy?.value, run.accuracy?.low, run.accuracy?.high],
    run.accuracyChange,
    ...[run.outputError?.value, run.outputError?.low, run.outputError?.high],
    run.seconds,
  ]);
  return [header, ...rows, []].map((row) => row.map((cell) => cell ?? '').join(',')).join('\n');
}

function quoted(text: string): string {
  const shown = showName(text, 1000);
  const harmless = /^[=+\-@\t]/.test(shown) ? `'${shown}` : shown;
  return `"${harmless.replaceAll('"', '""')}"`;
}
