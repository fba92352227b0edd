import { engineNames } from '../../src/protocol/engines';
import type { EngineDevice, EngineRecord, EngineTrial } from '../../src/protocol/engines';
import { fillText, showError, showName, showSeconds } from '../../src/protocol/shown';
import type { ReportTexts } from '../../src/protocol/texts';
import type { ReportView } from '../../src/protocol/webview';
import { element, facts, section, table, withAside } from '../ui/dom';
import type { ReportHost } from './view';

/** What the report warns of, and what went otherwise than it should have. */
export function warningsOf({ warnings, device }: ReportView, { texts }: ReportHost): string[] {
  const { search } = device;
  return [
    ...warnings,
    ...(search?.lost === undefined
      ? []
      : [fillText(texts.engineLost, engineNames[search.used], search.lost)]),
    ...(device.kernels === 'typescript' ? [texts.slowWarning] : []),
  ];
}

/** What computed, how long it took, and why it was that. */
export function computingSection(report: ReportView, host: ReportHost): HTMLElement {
  const { texts } = host;
  const { search } = report.device;
  return section(
    'device',
    texts.computing,
    facts(figures(report, host)),
    ...(search === undefined ? [] : decision(search, host)),
  );
}

function figures(
  { timings, device }: ReportView,
  { texts }: ReportHost,
): (readonly [string, HTMLElement])[] {
  const { kernels, search } = device;
  const fine = (seconds: number): string => showSeconds(seconds, true);
  const parts = [timings.readSeconds, timings.reduceSeconds, timings.writeSeconds].map(fine);
  const threads = fillText(texts.threads, String(device.threads));
  return [
    [texts.time, withAside(fine(timings.totalSeconds), fillText(texts.timeParts, ...parts))],
    [texts.processor, withAside(showName(device.name, 60), threads)],
    ...(kernels === undefined
      ? []
      : [[texts.kernels, withAside(texts[kernels], texts[`${kernels}Aside`])] as const]),
    ...(search === undefined
      ? []
      : [
          [
            texts.searchEngine,
            withAside(engineNames[search.used], whereOf(search, texts)),
          ] as const,
        ]),
  ];
}

/** What an engine searched on; the last digits are always the processor's. */
function whereOf({ used, device }: EngineRecord, texts: ReportTexts): string {
  if (used === 'cpu') return texts.searchCpu;
  return fillText(texts.searchDevice, device === undefined ? '–' : deviceText(device, texts));
}

function deviceText({ kind, name }: EngineDevice, texts: ReportTexts): string {
  return fillText(texts[`device-${kind}`], showName(name, 80));
}

/** Why this engine, with the times that decided and what became of the others. */
function decision(search: EngineRecord, host: ReportHost): readonly Node[] {
  const { texts } = host;
  const why = element(
    'p',
    { class: 'remark' },
    fillText(texts.engineWhy, showName(search.why, 600)),
  );
  return [
    why,
    ...(search.found === undefined ? [] : [foundText(search.found, texts)]),
    ...(search.processor === undefined ? [] : [stayedList(search.processor, texts)]),
    ...(search.timings.length === 0 ? [] : [timingTable(search, host)]),
    ...(search.tried.length === 0 ? [] : [trialTable(search.tried, host)]),
  ];
}

/** What was won by the engine: its minimum counts only where it is lower. */
function foundText(
  { searched, lower }: NonNullable<EngineRecord['found']>,
  texts: ReportTexts,
): HTMLElement {
  const text = fillText(texts.engineFound, String(lower), String(searched));
  return element('p', { class: 'remark' }, text);
}

/** What the processor searched all the same, and the layers where they are known. */
function stayedList(
  processor: NonNullable<EngineRecord['processor']>,
  texts: ReportTexts,
): HTMLElement {
  const items = processor.map(({ why, layers = [] }) =>
    element(
      'li',
      {},
      layers.length === 0
        ? showName(why, 300)
        : fillText(
            texts.stayedLayers,
            layers.map((layer) => showName(layer, 80)).join(', '),
            showName(why, 300),
          ),
    ),
  );
  return element('div', {}, element('h3', {}, texts.stayed), element('ul', {}, ...items));
}

function timingTable({ timings, used }: EngineRecord, { texts }: ReportHost): HTMLElement {
  return table<EngineRecord['timings'][number]>(
    texts.timePerSystem,
    [
      {
        heading: texts.engine,
        cell: ({ engine }) =>
          engine === used ? fillText(texts.engineTaken, engineNames[engine]) : engineNames[engine],
      },
      {
        ...{ heading: texts.timePerSystem, help: texts.timePerSystemHelp, numeric: true },
        cell: ({ secondsPerSystem }) => showShort(secondsPerSystem),
      },
    ],
    timings,
  );
}

function trialTable(tried: EngineRecord['tried'], { texts }: ReportHost): HTMLElement {
  return element(
    'div',
    {},
    element('h3', {}, texts.enginesTried),
    table<EngineTrial>(
      texts.enginesTried,
      [
        { heading: texts.engine, cell: ({ engine }) => engineNames[engine] },
        { heading: texts.engineUsable, cell: ({ usable }) => (usable ? texts.yes : texts.no) },
        {
          heading: texts.device,
          cell: ({ device }) => (device === undefined ? '–' : deviceText(device, texts)),
        },
        {
          ...{ heading: texts.selfTest, help: texts.selfTestHelp },
          cell: ({ selfTest }) => selfTestText(selfTest, texts),
        },
        { heading: texts.verdict, cell: ({ verdict }) => showName(verdict, 300) },
      ],
      tried,
    ),
  );
}

function selfTestText(selfTest: EngineTrial['selfTest'], texts: ReportTexts): string {
  if (selfTest === undefined) return '–';
  const { valueError, gradientError, searchExcess } = selfTest;
  const shown = [valueError, gradientError].map((error) => showError(error));
  const searched = searchExcess === undefined ? '–' : showError(searchExcess);
  return fillText(texts.selfTestText, ...shown, searched);
}

/** Three digits in the unit that suits them: 12.3 ms, 1.23 s. */
function showShort(seconds: number): string {
  if (seconds >= 1) return showSeconds(seconds, true);
  const small = seconds < 1e-3;
  return `${Number((seconds * (small ? 1e6 : 1e3)).toPrecision(3))} ${small ? 'µs' : 'ms'}`;
}
