import type { LayerCharts, LayerCurve } from '../../../src/protocol/layerCharts';
import { fillText, showName, showShare } from '../../../src/protocol/shown';
import type { KnownReduction } from '../../../src/protocol/webview';
import type { LayerSummary } from '../../../src/protocol/worker';
import { chartView } from '../../charts/chartView';
import type { ChartView } from '../../charts/chartFrame';
import type { Plot } from '../../charts/plot';
import '../../styles/charts.css';
import '../../styles/report.css';
import { button, progressRing } from '../../ui/controls';
import { element } from '../../ui/dom';
import { tabContents, tabIds } from './chartTabs';
import type { TabId } from './chartTabs';
import type { LayerPanelHost } from './host';
import { rememberedPanel } from './memory';
import type { RememberedPanel } from './memory';
import { orderTab } from './orderTab';
import { channelControls, optionPicker, panelHead, remarksOf } from './panelParts';
import { tabList } from './tabList';

/** A compression: the path of its report, and the name of its result. */
type Beside = Pick<KnownReduction, 'path' | 'result'>;

/** The charts of one layer of a checkpoint. */
export interface LayerPanel {
  readonly element: HTMLElement;
  /** Shows a layer and brings the panel into view. */
  open(layer: LayerSummary): void;
  /** Asks anew for the layer that is open: a compression of it became known. */
  refresh(): void;
}

/**
 * The panel of one layer: charts of its poles, values and responses over all channels or of one. It opens with what it
 * showed when the page was last seen. Everything is computed in the background; asking for something else gives up what
 * is not answered yet.
 *
 * @param beside the compression that is drawn beside the file
 */
export function layerPanel(
  layers: readonly LayerSummary[],
  host: LayerPanelHost,
  beside: () => Beside | undefined,
): LayerPanel {
  const { texts, language } = host;
  const frame = element('section', { id: 'layer', 'aria-labelledby': 'layer-heading', hidden: '' });
  let shown: RememberedPanel | undefined;
  let asking = new AbortController();
  let charts: LayerCharts | undefined;
  let curve: LayerCurve | undefined;
  let view: ChartView<Plot> | undefined;

  const keep = (part: Partial<RememberedPanel>): void => {
    if (shown === undefined) return;
    shown = { ...shown, ...part };
    host.remember({ layerPanel: shown });
  };
  const label: Record<TabId, string> = {
    poles: texts.tabPoles,
    hankel: texts.tabHankel,
    impulse: texts.tabImpulse,
    frequency: texts.tabFrequency,
    order: texts.tabOrder,
    convergence: texts.tabConvergence,
  };
  const tabs = tabList<TabId>(
    texts.chartsOfLayer,
    tabIds.map((id) => ({ id, label: label[id] })),
    (tab) => {
      if (shown !== undefined) {
        const { layer, channel } = shown;
        shown = { layer, tab, ...(channel === undefined ? {} : { channel }) };
      }
      keep({ tab });
      drawTab();
    },
  );
  const head = element('div', { class: 'layer-head' });
  const controls = element('div', { class: 'controls layer-controls' });
  frame.append(head, controls, tabs.element, tabs.panel);

  const show = (remembered: RememberedPanel | undefined): void => {
    asking.abort();
    const layer = layers.find(({ name }) => name === remembered?.layer);
    if (remembered === undefined || layer === undefined) {
      shown = undefined;
      host.remember({ layerPanel: undefined });
      frame.hidden = true;
      return;
    }
    if (shown?.layer !== layer.name) controls.replaceChildren();
    shown = remembered;
    host.remember({ layerPanel: shown });
    frame.hidden = false;
    charts = curve = undefined;
    head.replaceChildren(
      ...panelHead(
        layer,
        () => {
          show(undefined);
        },
        host,
        beside()?.result,
      ),
    );
    tabs.show(shown.tab);
    void ask();
  };

  /** Asks for the charts, or for the curve where that is what is looked at. */
  async function ask(): Promise<void> {
    if (shown === undefined) return;
    asking.abort();
    const { signal } = (asking = new AbortController());
    const { layer, channel, tab } = shown;
    const report = beside()?.path;
    const params = {
      layer,
      ...(channel === undefined ? {} : { channel }),
      ...(report === undefined ? {} : { report }),
    };
    const status = waiting();
    try {
      if (charts === undefined) {
        charts = await host.ask('layerCharts', params, { signal });
        drawControls(charts);
      }
      if (tab === 'order' && curve === undefined) {
        status.textContent = fillText(texts.tracingCurve, showShare(0, language));
        curve = await host.ask('layerCurve', params, {
          signal,
          onProgress: (fraction) => {
            status.textContent = fillText(texts.tracingCurve, showShare(fraction, language));
          },
        });
      }
      if (!signal.aborted) drawTab();
    } catch (error) {
      if (!signal.aborted) drawFault(error);
    }
  }

  function waiting(): HTMLElement {
    const status = element('span', {}, texts.readingLayer);
    view?.destroy();
    view = undefined;
    tabs.panel.replaceChildren(
      element(
        'p',
        { class: 'reading chart-place', role: 'status' },
        progressRing(texts.readingLayer),
        status,
      ),
    );
    return status;
  }

  function drawFault(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    tabs.panel.replaceChildren(
      element(
        'div',
        { class: 'chart-place', role: 'alert' },
        element('p', { class: 'lead' }, fillText(texts.layerFailed, showName(message, 600))),
        button(texts.tryAgain, () => void ask()),
      ),
    );
  }

  function drawControls(found: LayerCharts): void {
    const choose = (channel: number | undefined): void => {
      if (shown === undefined) return;
      const { layer, tab, option } = shown;
      show({
        ...{ layer, tab },
        ...(option === undefined ? {} : { option }),
        ...(channel === undefined ? {} : { channel }),
      });
    };
    const focused = controls.contains(document.activeElement);
    controls.replaceChildren(...channelControls(found, choose, host));
    if (focused) controls.querySelector('select')?.focus();
  }

  function drawTab(): void {
    if (shown === undefined) return;
    if (charts === undefined || (shown.tab === 'order' && curve === undefined)) {
      void ask();
      return;
    }
    view?.destroy();
    view = undefined;
    const parts = shown.tab === 'order' ? orderParts(shown) : chartParts(shown, shown.tab);
    tabs.panel.replaceChildren(...parts);
    // a canvas has a size only once it is in the page
    requestAnimationFrame(() => view?.draw());
  }

  function chartParts({ option }: RememberedPanel, tab: Exclude<TabId, 'order'>): readonly Node[] {
    if (charts === undefined) return [];
    const contents = tabContents(tab, charts, option, host);
    if (contents === undefined) {
      return [element('p', { class: 'lead chart-place' }, texts.noConvergence)];
    }
    const { plot, remark, options } = contents;
    const pick = (id: string): void => {
      keep({ option: id });
      drawTab();
      document.getElementById('layer-option')?.focus();
    };
    const controls = options === undefined ? [] : [optionPicker(options, option, pick)];
    view = chartView(`layer-${tab}`, plot, host, { controls });
    return [
      view.element,
      element('p', { class: 'remark' }, [remark, ...remarksOf(charts, tab, host)].join(' ')),
    ];
  }

  function orderParts({ place }: RememberedPanel): readonly Node[] {
    if (curve === undefined) return [];
    const made = orderTab(curve, place, host, (at) => {
      keep({ place: at });
    });
    view = made.view;
    return made.parts;
  }

  const remembered = rememberedPanel(host.recall().layerPanel);
  if (remembered !== undefined) show(remembered);
  return {
    element: frame,
    open({ name }) {
      if (shown?.layer !== name) show({ layer: name, tab: shown?.tab ?? 'poles' });
      frame.scrollIntoView({ block: 'nearest' });
      document.getElementById('layer-heading')?.focus({ preventScroll: true });
    },
    refresh() {
      show(shown);
    },
  };
}
