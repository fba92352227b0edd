import type { LayerPanelTexts } from '../../../src/protocol/chartTexts';
import type { ChartPoles, LayerCharts } from '../../../src/protocol/layerCharts';
import { fillText, showCount } from '../../../src/protocol/shown';
import type { Plot, PlotAxis } from '../../charts/plot';
import { showTick } from '../../charts/chartStyle';

export const poleViews = ['unitDisc', 'closeUp', 'halfPlane'] as const;
export type PoleView = (typeof poleViews)[number];

/** The poles before and after, in the unit disc, close up, or by decay and frequency. */
export function polePlot(
  { poles }: LayerCharts,
  view: PoleView,
  texts: LayerPanelTexts,
  language: string,
): Plot {
  const sets = [
    { role: 'original', poles: poles.original },
    ...(poles.reduced === undefined ? [] : [{ role: 'reduced', poles: poles.reduced } as const]),
  ] as const;
  const reading = (set: number, i: number): string[] => {
    const { role, poles: shown } = sets[set];
    return [
      fillText(texts.poleOf, texts[role], String(shown.channel[i])),
      readPole(shown, i, texts),
    ];
  };
  const place = (of: ChartPoles): { x: readonly number[]; y: readonly number[] } =>
    view === 'halfPlane' ? { x: of.logRe.map((a) => -a), y: of.logIm } : { x: of.re, y: of.im };
  return {
    ...axesOf(view, texts),
    series: sets.map(({ role, poles: shown }) => ({
      ...{ role, label: texts[role], form: 'points' },
      ...place(shown),
    })),
    ...(view === 'halfPlane' ? {} : { backdrop: 'unitCircle' }),
    ...(view === 'unitDisc' ? { square: true, zoomed: 'both' } : {}),
    places: poles.original.re.length,
    read: (i) => reading(0, i),
    readOther: reading,
    summary: summarise(
      sets.map((set) => set.poles),
      texts,
      language,
    ),
    table: {
      headings: [...[texts.pole, texts.channel, texts.realPart, texts.imaginaryPart, texts.decay]],
      rows: sets.flatMap(({ poles: p }, set) =>
        p.re.map((re, i) => [texts[sets[set].role], p.channel[i], re, p.im[i], -p.logRe[i]]),
      ),
    },
  };
}

function axesOf(view: PoleView, texts: LayerPanelTexts): { x: PlotAxis; y: PlotAxis } {
  if (view === 'halfPlane') {
    return {
      x: { title: texts.decay, scale: 'logarithmic' },
      y: { title: texts.phase, scale: 'linear' },
    };
  }
  const whole = view === 'unitDisc' ? { min: -1.08, max: 1.08, ticks: [-1, -0.5, 0, 0.5, 1] } : {};
  return {
    x: { title: texts.realPart, scale: 'linear', ...whole },
    y: { title: texts.imaginaryPart, scale: 'linear', ...whole },
  };
}

function readPole(
  { logRe, logIm }: ChartPoles,
  i: number,
  { poleReading }: LayerPanelTexts,
): string {
  const steps = -1 / logRe[i];
  return fillText(
    poleReading,
    modulus(logRe[i]),
    showTick(logIm[i]),
    steps >= 10 ? String(Math.round(steps)) : showTick(steps),
  );
}

/** As many digits as show how far inside the circle it is: 0.9, 0.9987. */
function modulus(logModulus: number): string {
  const inside = -Math.expm1(logModulus);
  const digits = inside > 0 && inside < 0.1 ? Math.min(12, Math.ceil(-Math.log10(inside)) + 2) : 3;
  return Math.exp(logModulus).toFixed(digits);
}

function summarise(sets: readonly ChartPoles[], texts: LayerPanelTexts, language: string): string {
  return [texts.polesSummary, texts.polesSummaryReduced]
    .slice(0, sets.length)
    .map((text, i) => {
      const { re, logRe } = sets[i];
      return fillText(
        text,
        showCount(re.length, language),
        logRe.length === 0 ? '–' : modulus(logRe[0]),
      );
    })
    .join(' ');
}
