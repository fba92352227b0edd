import { fillText, showBytes, showCount, showName, showShare } from '../../src/protocol/shown';
import type { CheckpointTexts } from '../../src/protocol/texts';
import type { CheckpointAction, CheckpointState } from '../../src/protocol/webview';
import type { CheckpointSummary, LayerSummary } from '../../src/protocol/worker';
import type { Host } from '../api';
import { button } from '../ui/controls';
import { element, nameText, section, table } from '../ui/dom';
import { tensorSection } from './tensors';

export type CheckpointHost = Host<CheckpointTexts, CheckpointState, CheckpointAction>;

/** The page of a checkpoint that was read. */
export function drawCheckpoint(
  state: CheckpointState & { kind: 'ready' },
  host: CheckpointHost,
): readonly Node[] {
  const { summary } = state;
  const { texts } = host;
  return [
    heading(state, host),
    section(
      'layers',
      texts.layers,
      summary.layers.length === 0
        ? element('p', { class: 'lead' }, texts.noLayers)
        : layerTable(summary, host),
    ),
    ...settings(summary, host),
    ...notes(summary, host),
    tensorSection(summary.tensors, host),
  ];
}

function heading(
  { summary, fileName, canCompress, hasReport }: CheckpointState & { kind: 'ready' },
  { texts, language, act }: CheckpointHost,
): HTMLElement {
  const inLayers = summary.layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const parameters = showCount(summary.parameters, language);
  const share = summary.parameters > 0 ? inLayers / summary.parameters : 0;
  const lead =
    inLayers === 0
      ? `${texts.parameters}: ${parameters}`
      : fillText(
          texts.parametersInLayers,
          showCount(inLayers, language),
          parameters,
          showShare(share, language),
        );
  const format = summary.format === 'safetensors' ? texts.formatSafetensors : texts.formatTorch;
  return element(
    'header',
    {},
    element(
      'div',
      {},
      element('h1', {}, nameText(showName(fileName))),
      element('p', { class: 'subtitle' }, `${format} · ${showBytes(summary.bytes, language)}`),
      element('p', { class: 'subtitle' }, lead),
    ),
    element(
      'div',
      { class: 'buttons' },
      hasReport
        ? button(texts.openReport, () => {
            act('openReport');
          })
        : undefined,
      canCompress
        ? button(
            texts.compress,
            () => {
              act('compress');
            },
            'primary',
          )
        : undefined,
    ),
  );
}

function layerTable(summary: CheckpointSummary, { texts, language }: CheckpointHost): HTMLElement {
  const poles = {
    independent: texts.polesIndependent,
    tied: texts.polesTied,
    mimo: texts.polesMimo,
  };
  const count = (value: number): string => showCount(value, language);
  return table<LayerSummary>(
    texts.layers,
    [
      { heading: texts.layer, cell: ({ name }) => nameText(showName(name), showName(name, 1000)) },
      { heading: texts.family, cell: ({ familyTitle }) => familyTitle },
      { heading: texts.order, numeric: true, cell: ({ order }) => count(order) },
      {
        heading: texts.slots,
        help: texts.slotsHelp,
        numeric: true,
        cell: ({ slots }) => count(slots),
      },
      { heading: texts.channels, numeric: true, cell: ({ channels }) => count(channels) },
      { heading: texts.poles, cell: ({ tying }) => poles[tying] },
      { heading: texts.parameters, numeric: true, cell: ({ parameters }) => count(parameters) },
    ],
    summary.layers,
  );
}

function settings(
  summary: CheckpointSummary,
  { texts, language }: CheckpointHost,
): readonly Node[] {
  if (summary.settings.length === 0) return [];
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 12 });
  const rows = table(
    texts.settings,
    [
      {
        heading: texts.name,
        cell: ({ path }) => nameText(showName(path.join('.')), showName(path.join('.'), 1000)),
      },
      {
        heading: texts.value,
        numeric: true,
        cell: ({ value }) =>
          typeof value === 'number' ? format.format(value) : showName(String(value), 1000),
      },
    ],
    summary.settings,
  );
  return [section('settings', texts.settings, rows)];
}

function notes(summary: CheckpointSummary, { texts }: CheckpointHost): readonly Node[] {
  if (summary.notes.length === 0) return [];
  const items = summary.notes.map((note) => element('li', {}, showName(note, 600)));
  return [section('notes', texts.notes, element('ul', {}, ...items))];
}
