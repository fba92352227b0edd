import type { LayerFigures } from '../../src/protocol/inspection';
import {
  fillText,
  showCount,
  showError,
  showName,
  showNumber,
  showShare,
} from '../../src/protocol/shown';
import type { ReducedLayer } from '../../src/protocol/webview';
import type { CheckpointSummary, LayerSummary } from '../../src/protocol/worker';
import { element, nameText } from '../ui/dom';
import type { TextColumn } from '../ui/tableText';
import type { VirtualColumn } from '../ui/virtualList';
import type { CheckpointHost } from './view';

/** What is known of layers beyond the header. */
export interface Known {
  readonly figures: ReadonlyMap<string, LayerFigures>;
  /** Undefined where no compression is known. */
  readonly reduced: ReadonlyMap<string, ReducedLayer> | undefined;
}

export type LayerColumn = VirtualColumn<LayerSummary> & TextColumn<LayerSummary>;

/** The columns of the table of layers. */
export function layerColumns(
  summary: CheckpointSummary,
  known: Known,
  host: CheckpointHost,
): LayerColumn[] {
  const { texts } = host;
  const { layers } = summary;
  const poles = {
    independent: texts.polesIndependent,
    tied: texts.polesTied,
    mimo: texts.polesMimo,
    lqo: texts.polesLqo,
  };
  return [
    {
      ...{ heading: texts.layer, width: 'minmax(15ch, 2fr)', value: ({ name }) => name },
      cell: ({ name }) => nameText(showName(name), showName(name, 1000)),
    },
    textColumn(texts.family, 'minmax(13ch, 1fr)', ({ familyTitle }) => familyTitle),
    countColumn(texts.order, '6ch', ({ order }) => order, host),
    ...(known.reduced === undefined ? [] : reductionColumns(known.reduced, host)),
    countColumn(texts.channels, '8ch', ({ channels }) => channels, host),
    ...figureColumns(known, host),
    countColumn(texts.parameters, '10ch', ({ parameters }) => parameters, host),
    {
      ...countColumn(texts.slots, '6ch', ({ slots }) => slots, host),
      help: texts.slotsHelp,
    },
    horizonColumn(summary, host),
    textColumn(texts.poles, 'minmax(15ch, 0.6fr)', ({ tying }) => poles[tying]),
    ...(layers.some(({ facts }) => Object.keys(facts).length > 0)
      ? [textColumn(texts.details, 'minmax(20ch, 1fr)', ({ facts }) => describeFacts(facts))]
      : []),
  ];
}

function textColumn(
  heading: string,
  width: string,
  value: (layer: LayerSummary) => string,
): LayerColumn {
  return {
    heading,
    width,
    value,
    cell: (layer) => element('span', { title: value(layer) }, value(layer)),
  };
}

function countColumn(
  heading: string,
  width: string,
  value: (layer: LayerSummary) => number | undefined,
  { language }: CheckpointHost,
): LayerColumn {
  const text = (layer: LayerSummary): string => {
    const count = value(layer);
    return count === undefined ? '–' : showCount(count, language);
  };
  return { heading, width, numeric: true, value, text, cell: text };
}

function horizonColumn({ horizon }: CheckpointSummary, host: CheckpointHost): LayerColumn {
  const { texts } = host;
  return {
    ...countColumn(texts.horizon, '8ch', () => horizon.steps, host),
    help: horizon.from === 'recorded' ? texts.horizonRecorded : texts.horizonDefault,
  };
}

function figureColumns({ figures }: Known, { texts, language }: CheckpointHost): LayerColumn[] {
  const figure = ({ name }: LayerSummary, of: 'norm' | 'slowest'): number | undefined => {
    const found = figures.get(name);
    return found === undefined || 'fault' in found ? undefined : found[of];
  };
  const cell = (layer: LayerSummary, text: string): HTMLElement | string => {
    const found = figures.get(layer.name);
    return found !== undefined && 'fault' in found
      ? element('span', { title: showName(found.fault, 500) }, '–')
      : text;
  };
  const slowest = (layer: LayerSummary): string => {
    const modulus = figure(layer, 'slowest');
    return modulus === undefined ? '' : showModulus(modulus);
  };
  const slowestCell = (layer: LayerSummary): HTMLElement | string => {
    const steps = -1 / Math.log(figure(layer, 'slowest') ?? 1);
    if (!(steps >= 1 && Number.isFinite(steps))) return cell(layer, slowest(layer));
    const title = fillText(texts.decays, showRounded(steps, language));
    return element('span', { title }, slowest(layer));
  };
  const norm = (layer: LayerSummary): string => {
    const value = figure(layer, 'norm');
    return value === undefined ? '' : showNumber(value);
  };
  return [
    {
      ...{ heading: texts.slowest, help: texts.slowestHelp, numeric: true, width: '12ch' },
      value: (layer) => figure(layer, 'slowest'),
      text: slowest,
      cell: slowestCell,
    },
    {
      ...{ heading: texts.norm, help: texts.normHelp, numeric: true, width: '8ch' },
      value: (layer) => figure(layer, 'norm'),
      text: norm,
      cell: (layer) => cell(layer, norm(layer)),
    },
  ];
}

function reductionColumns(
  reduced: ReadonlyMap<string, ReducedLayer>,
  host: CheckpointHost,
): LayerColumn[] {
  const { texts, language } = host;
  const of = ({ name }: LayerSummary): ReducedLayer | undefined => reduced.get(name);
  const error = (layer: LayerSummary): string => {
    const found = of(layer);
    if (found === undefined) return '–';
    return `${found.errorKind === 'certified' ? '≤' : '≈'} ${showError(found.relativeError)}`;
  };
  const share = (layer: LayerSummary): string => {
    const part = of(layer)?.share;
    return part === undefined ? '–' : showShare(part, language);
  };
  return [
    countColumn(texts.orderAfter, '10ch', (layer) => of(layer)?.orderAfter, host),
    {
      ...{ heading: texts.relativeError, help: texts.relativeErrorHelp, width: '12ch' },
      numeric: true,
      value: (layer) => of(layer)?.relativeError,
      text: error,
      cell: error,
    },
    {
      ...{ heading: texts.share, help: shareHelp(reduced, host), width: '15ch' },
      value: (layer) => of(layer)?.share,
      text: share,
      cell: (layer) => shareCell(of(layer)?.share, share(layer)),
    },
  ];
}

function shareHelp(reduced: ReadonlyMap<string, ReducedLayer>, { texts }: CheckpointHost): string {
  const first = [...reduced.values()].at(0);
  const helps = {
    certified: texts.shareCertified,
    calibrated: texts.shareCalibrated,
    measured: texts.shareMeasured,
    h2: texts.shareH2,
  };
  return helps[first?.shareOf ?? 'h2'];
}

/** The share as a number and, for the eye alone, as a bar of a width common to all rows. */
function shareCell(share: number | undefined, text: string): HTMLElement {
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--share', String(share ?? 0));
  return element('span', { class: 'share' }, element('span', { class: 'figure' }, text), bar);
}

/** |λ| with as many digits as tell it from 1. */
function showModulus(value: number): string {
  const distance = Math.abs(1 - value);
  const digits = distance > 0 ? Math.min(9, Math.max(3, 1 - Math.floor(Math.log10(distance)))) : 3;
  return value.toFixed(digits);
}

function showRounded(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value);
}

function describeFacts(facts: LayerSummary['facts']): string {
  return Object.entries(facts)
    .map(([fact, value]) => showName(`${fact} ${value}`, 60))
    .join(', ');
}
