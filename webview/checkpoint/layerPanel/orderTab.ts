import type { LayerCurve } from '../../../src/protocol/layerCharts';
import { fillText, showCount } from '../../../src/protocol/shown';
import { chartView } from '../../charts/chartView';
import type { ChartView } from '../../charts/chartFrame';
import type { Plot } from '../../charts/plot';
import { element } from '../../ui/dom';
import type { LayerPanelHost } from './host';
import { firstChosen, orderPlot, readPoint, readReported } from './orderPlot';

export interface OrderTab {
  readonly parts: readonly Node[];
  readonly view?: ChartView<Plot>;
}

/** The curve over orders with one of them chosen, and what it would come to in words; `onChoose` hears of another. */
export function orderTab(
  curve: LayerCurve,
  place: number | undefined,
  host: LayerPanelHost,
  onChoose: (place: number) => void,
): OrderTab {
  const { texts, language } = host;
  if (curve.points.length === 0) {
    return { parts: [element('p', { class: 'lead chart-place' }, texts.orderNone)] };
  }
  const readout = element('div', { class: 'chosen' });
  const tell = (at: number): void => {
    const lines = [
      ...readPoint(curve, at, texts, language),
      readReported(curve, texts).join('; '),
    ].filter((line) => line !== '');
    readout.replaceChildren(...lines.map((line) => element('span', {}, line)));
  };
  const first = Math.min(place ?? firstChosen(curve), curve.points.length - 1);
  const choosing = {
    first,
    onChoose: (at: number) => {
      onChoose(at);
      tell(at);
    },
  };
  tell(first);
  const plot = orderPlot(curve, texts, language);
  const view = chartView('layer-order', plot, host, { below: readout, choosing });
  return { view, parts: [view.element, element('p', { class: 'remark' }, remarkOn(curve, host))] };
}

function remarkOn(
  { shortened, sampled, channels, channel, linearPart }: LayerCurve,
  { texts, language }: LayerPanelHost,
): string {
  return [
    shortened ? texts.orderRemarkShort : texts.orderRemarkSearch,
    ...(sampled < channels && channel === undefined
      ? [fillText(texts.orderSampled, showCount(sampled, language), showCount(channels, language))]
      : []),
    ...(linearPart ? [texts.linearPartRemark] : []),
  ].join(' ');
}
