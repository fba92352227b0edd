import { fillText, showBytes, showCount, showName, showShare } from '../../src/protocol/shown';
import type { CheckpointFormat } from '../../src/formats/checkpoint';
import type { CheckpointTexts } from '../../src/protocol/texts';
import type {
  CheckpointAction,
  CheckpointQueries,
  CheckpointState,
} from '../../src/protocol/webview';
import type { CheckpointSummary } from '../../src/protocol/worker';
import type { Host } from '../api';
import { button } from '../ui/controls';
import { element, nameText, section, table } from '../ui/dom';
import { questionSection, refusalSection, takenSection } from './hyper';
import { tensorSection } from './tensors';

export type CheckpointHost = Host<
  CheckpointTexts,
  CheckpointState,
  CheckpointAction,
  CheckpointQueries
>;

/** The page of a checkpoint that was read, around the section of its layers. */
export function drawCheckpoint(
  state: CheckpointState & { kind: 'ready' },
  layers: HTMLElement,
  host: CheckpointHost,
): readonly Node[] {
  const { summary } = state;
  return [
    heading(state, host),
    layers,
    ...refusalSection(summary, host),
    ...questionSection(summary, host),
    ...takenSection(summary, host),
    ...settings(summary, host),
    ...notes(summary, host),
    tensorSection(state, host),
  ];
}

function heading(
  { summary, fileName, canCompress, hasReport }: CheckpointState & { kind: 'ready' },
  host: CheckpointHost,
): HTMLElement {
  const { texts, language, act } = host;
  const format = formatText(summary.format, texts);
  return element(
    'header',
    {},
    element(
      'div',
      {},
      element('h1', {}, nameText(showName(fileName))),
      element('p', { class: 'subtitle' }, `${format} · ${showBytes(summary.bytes, language)}`),
      networkLine(summary, host),
      element('p', { class: 'subtitle' }, shareText(summary, host)),
      element('p', { class: 'subtitle' }, savingText(summary, host)),
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

function formatText(format: CheckpointFormat, texts: CheckpointTexts): string {
  return {
    'torch-zip': texts.formatTorch,
    'torch-legacy': texts.formatTorchLegacy,
    safetensors: texts.formatSafetensors,
    npz: texts.formatNpz,
    'flax-msgpack': texts.formatFlax,
    equinox: texts.formatEquinox,
  }[format];
}

/** How many parameters there are, and how many of them in layers that can be reduced. */
function shareText(
  { layers, parameters }: CheckpointSummary,
  { texts, language }: CheckpointHost,
): string {
  const inLayers = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const total = showCount(parameters, language);
  if (inLayers === 0) return `${texts.parameters}: ${total}`;
  const share = showShare(parameters > 0 ? inLayers / parameters : 0, language);
  return fillText(texts.parametersInLayers, showCount(inLayers, language), total, share);
}

/** What half the order would save. */
function savingText(
  { layers, choices, parameters }: CheckpointSummary,
  { texts, language }: CheckpointHost,
): string {
  const order = Math.max(0, ...layers.map((layer) => layer.order));
  const half = choices.findLast((choice) => choice.order <= order / 2);
  if (half === undefined || parameters === 0) return '';
  const left = showCount(half.parameters, language);
  const saved = showShare(1 - half.parameters / parameters, language);
  return fillText(texts.saving, showCount(half.order, language), left, saved);
}

/** The network around the layers, once it is known what it is; a line of its own from the beginning, so nothing jumps. */
function networkLine(
  { layers }: CheckpointSummary,
  { texts, ask }: CheckpointHost,
): HTMLElement | undefined {
  if (layers.length === 0) return undefined;
  const line = element('p', { class: 'subtitle', id: 'network' }, '\u00a0');
  ask('network', null).then(
    (network) => {
      const known = 'architecture' in network;
      line.textContent = known
        ? fillText(texts.network, showName(network.architecture, 200))
        : texts.networkUnknown;
      if (!known) line.title = showName(network.reason, 500);
    },
    () => undefined, // the line stays empty: what the layers are does not depend on it
  );
  return line;
}

/** What the file records, then what the configurations beside it do. */
function settings(summary: CheckpointSummary, host: CheckpointHost): readonly Node[] {
  const { texts } = host;
  const beside = summary.configurations.map((configuration, i) => ({
    id: `configuration-${i}`,
    heading: fillText(texts.configurations, showName(configuration.file)),
    settings: configuration.settings,
  }));
  const all = [{ id: 'settings', heading: texts.settings, settings: summary.settings }, ...beside];
  return all
    .filter((one) => one.settings.length > 0)
    .map((one) => section(one.id, one.heading, settingTable(one.heading, one.settings, host)));
}

function settingTable(
  label: string,
  items: CheckpointSummary['settings'],
  { texts, language }: CheckpointHost,
): HTMLElement {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 12 });
  return table(
    label,
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
    items,
  );
}

function notes(summary: CheckpointSummary, { texts }: CheckpointHost): readonly Node[] {
  if (summary.notes.length === 0) return [];
  const items = summary.notes.map((note) => element('li', {}, showName(note, 600)));
  return [section('notes', texts.notes, element('ul', {}, ...items))];
}
