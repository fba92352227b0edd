import { fillText, showBytes, showCount, showName, showShare } from '../../src/protocol/shown';
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
