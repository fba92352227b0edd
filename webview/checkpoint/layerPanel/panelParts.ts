import type { LayerCharts } from '../../../src/protocol/layerCharts';
import { fillText, showCount, showError, showName } from '../../../src/protocol/shown';
import type { LayerSummary } from '../../../src/protocol/worker';
import { button, picker } from '../../ui/controls';
import { element, nameText } from '../../ui/dom';
import type { TabId, TabOptions } from './chartTabs';
import type { LayerPanelHost } from './host';

/** The name of the layer, what it is, what it is compared with, and the button that closes the panel. */
export function panelHead(
  { name, familyTitle, order, channels, tying }: LayerSummary,
  onClose: () => void,
  { texts, language }: LayerPanelHost,
  result: string | undefined,
): readonly Node[] {
  const facts = fillText(
    tying === 'mimo' || tying === 'lqo' ? texts.layerFactsOutputs : texts.layerFacts,
    familyTitle,
    showCount(order, language),
    showCount(channels, language),
  );
  const title = nameText(showName(name, 120), showName(name, 1000));
  return [
    element(
      'div',
      {},
      element('h2', { id: 'layer-heading', tabindex: '-1' }, title),
      element(
        'p',
        { class: 'subtitle' },
        result === undefined ? facts : fillText(texts.comparedWith, facts, showName(result, 80)),
      ),
    ),
    button(texts.closeLayer, onClose),
  ];
}

/** Which channel is shown, undefined for all, and a way to the worst. */
export function channelControls(
  { channels, kind, worst, channel }: LayerCharts,
  onChoose: (channel: number | undefined) => void,
  { texts }: LayerPanelHost,
): readonly Node[] {
  const numbers = Array.from({ length: channels }, (_, i) => String(i));
  const made = picker(
    'layer-channel',
    kind === 'kernels' ? texts.channel : texts.output,
    [texts.allChannels, ...numbers],
    (i) => {
      onChoose(i === 0 ? undefined : i - 1);
    },
  );
  chooseItem(made, channel === undefined ? 0 : channel + 1);
  if (worst === undefined || worst.channel === channel) return [made];
  const label = fillText(texts.worstChannel, String(worst.channel), showError(worst.error));
  const toWorst = button(label, () => {
    onChoose(worst.channel);
  });
  return [made, toWorst];
}

/** How a chart is shown, where there are several ways. */
export function optionPicker(
  { label, choices }: TabOptions,
  chosen: string | undefined,
  onPick: (id: string) => void,
): HTMLElement {
  const labels = choices.map((choice) => choice.label);
  const made = picker('layer-option', label, labels, (i) => {
    onPick(choices[i].id);
  });
  chooseItem(
    made,
    Math.max(
      0,
      choices.findIndex(({ id }) => id === chosen),
    ),
  );
  return made;
}

function chooseItem(made: HTMLElement, index: number): void {
  const select = made.querySelector('select');
  if (select !== null) select.selectedIndex = index;
}

/** What has to be said about a chart besides what it shows. */
export function remarksOf(
  { channel, sampled, channels, kind, linearPart, notes }: LayerCharts,
  tab: TabId,
  { texts, language }: LayerPanelHost,
): readonly string[] {
  const isSpread =
    channel === undefined &&
    (tab === 'impulse' || tab === 'frequency' || (tab === 'hankel' && kind === 'kernels'));
  const spread = fillText(
    kind === 'kernels' ? texts.spreadRemark : texts.spreadRemarkOutputs,
    showCount(sampled, language),
    showCount(channels, language),
  );
  return [
    ...(isSpread ? [spread] : []),
    ...(linearPart && tab !== 'convergence' ? [texts.linearPartRemark] : []),
    ...notes.map((note) => showName(note, 600)),
  ];
}
