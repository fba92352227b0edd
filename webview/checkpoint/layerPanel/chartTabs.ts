import type { LayerPanelTexts } from '../../../src/protocol/chartTexts';
import type { LayerCharts } from '../../../src/protocol/layerCharts';
import { fillText, showCount } from '../../../src/protocol/shown';
import type { Plot } from '../../charts/plot';
import { curvePlot } from './curvePlot';
import { polePlot, poleViews } from './polePlot';
import type { PoleView } from './polePlot';

export const tabIds = ['poles', 'hankel', 'impulse', 'frequency', 'order', 'convergence'] as const;
export type TabId = (typeof tabIds)[number];

/** A way to show a chart, where there are several. */
export interface TabOptions {
  readonly label: string;
  readonly choices: readonly { readonly id: string; readonly label: string }[];
}

/** What a tab shows of the charts of a layer: a plot, and what has to be said about it. */
export interface TabContents {
  readonly plot: Plot;
  readonly remark: string;
  readonly options?: TabOptions;
}

/** The contents of all tabs but the curve over orders; undefined where there is nothing to show. */
export function tabContents(
  tab: Exclude<TabId, 'order'>,
  charts: LayerCharts,
  option: string | undefined,
  { texts, language }: { readonly texts: LayerPanelTexts; readonly language: string },
): TabContents | undefined {
  switch (tab) {
    case 'poles':
      return {
        plot: polePlot(charts, poleView(option), texts, language),
        remark: poleView(option) === 'halfPlane' ? texts.polesRemarkDecay : texts.polesRemark,
        options: choicesOf(texts.view, poleViews, texts),
      };
    case 'hankel':
      return hankelTab(charts, texts, language);
    case 'impulse':
      return impulseTab(charts, option, texts, language);
    case 'frequency':
      return frequencyTab(charts, texts);
    case 'convergence':
      return convergenceTab(charts, texts);
  }
}

function poleView(option: string | undefined): PoleView {
  return poleViews.find((view) => view === option) ?? 'unitDisc';
}

function choicesOf(
  label: string,
  ids: readonly (keyof LayerPanelTexts)[],
  texts: LayerPanelTexts,
): TabOptions {
  return { label, choices: ids.map((id) => ({ id, label: texts[id] })) };
}

function hankelTab(
  { hankel, horizon }: LayerCharts,
  texts: LayerPanelTexts,
  language: string,
): TabContents {
  const relative = hankel.curves.some(({ most }) => most !== undefined);
  const plot = curvePlot(
    hankel,
    {
      title: texts.tabHankel,
      x: { title: texts.valueNumber, scale: 'linear', min: 1, max: Math.max(2, hankel.x.length) },
      y: { title: relative ? texts.hankelRelative : texts.hankelValue, scale: 'logarithmic' },
      form: 'joined',
    },
    texts,
  );
  const remark =
    horizon === null
      ? texts.hankelRemarkInfinite
      : fillText(texts.hankelRemark, showCount(horizon, language));
  return { plot, remark };
}

function impulseTab(
  { impulse, steps, kind }: LayerCharts,
  option: string | undefined,
  texts: LayerPanelTexts,
  language: string,
): TabContents {
  const signed = kind === 'kernels' && impulse.curves.every(({ most }) => most === undefined);
  const linear = signed ? option !== 'logarithmic' : option === 'linear';
  const plot = curvePlot(
    impulse,
    {
      title: texts.tabImpulse,
      x: { title: texts.step, scale: 'linear', min: 0, max: Math.max(1, impulse.x.at(-1) ?? 1) },
      y: {
        title: linear && signed ? texts.response : texts.responseSize,
        scale: linear ? 'linear' : 'logarithmic',
      },
      form: 'line',
    },
    texts,
  );
  const scales = signed
    ? (['linear', 'logarithmic'] as const)
    : (['logarithmic', 'linear'] as const);
  const remark = fillText(texts.impulseRemark, showCount(steps, language));
  return {
    plot,
    remark: kind === 'outputs' ? `${remark} ${texts.impulseRows}` : remark,
    options: choicesOf(texts.scale, scales, texts),
  };
}

function frequencyTab({ frequency, kind }: LayerCharts, texts: LayerPanelTexts): TabContents {
  const plot = curvePlot(
    frequency,
    {
      title: texts.tabFrequency,
      x: { title: texts.frequency, scale: 'logarithmic', max: Math.PI },
      y: { title: texts.gain, scale: 'logarithmic' },
      form: 'line',
    },
    texts,
  );
  const rows = kind === 'outputs' ? ` ${texts.impulseRows}` : '';
  return { plot, remark: texts.frequencyRemark + rows };
}

function convergenceTab(
  { convergence }: LayerCharts,
  texts: LayerPanelTexts,
): TabContents | undefined {
  if (convergence === undefined) return undefined;
  const plot = curvePlot(
    convergence,
    {
      title: texts.tabConvergence,
      x: {
        title: texts.iteration,
        scale: 'linear',
        min: 0,
        max: Math.max(1, convergence.x.length - 1),
      },
      y: { title: texts.searched, scale: 'logarithmic' },
      form: 'line',
    },
    texts,
  );
  return { plot, remark: texts.convergenceRemark };
}
