import { element } from '../ui/dom';
import type { PlotSeries } from './plot';
import type { Marker } from './seriesStyle';
import { seriesStyles } from './seriesStyle';

const namespace = 'http://www.w3.org/2000/svg';

/** What the lines, markers and bands of a chart stand for. */
export function legend(series: readonly PlotSeries[]): HTMLElement {
  const entries = series.flatMap((one) => [
    entry(one, [...lineOf(one), ...markerOf(one)], one.label),
    ...(one.bandLabel === undefined ? [] : [entry(one, [band()], one.bandLabel)]),
    ...(one.mostLabel === undefined ? [] : [entry(one, [dotted()], one.mostLabel)]),
  ]);
  return element('ul', { class: 'legend' }, ...entries);
}

/** A piece of what is drawn, in colours that follow the theme, and its name. */
function entry(
  { role, form }: PlotSeries,
  shapes: readonly SVGElement[],
  label: string,
): HTMLElement {
  const [width, viewBox] = form === 'points' ? ['12', '8 0 12 12'] : ['28', '0 0 28 12'];
  const drawn = svg('svg', { width, viewBox, height: '12', 'aria-hidden': 'true' });
  drawn.style.color = `var(${seriesStyles[role].colour})`;
  drawn.append(...shapes);
  return element('li', {}, drawn, element('bdi', {}, label));
}

function lineOf({ role, form }: PlotSeries): readonly SVGElement[] {
  if (form === 'points') return [];
  const dashes = seriesStyles[role].dash.join(' ') || 'none';
  return [svg('path', { d: 'M0 6H28', class: 'line', 'stroke-dasharray': dashes })];
}

function markerOf({ role, form }: PlotSeries): readonly SVGElement[] {
  if (form === 'bare') return [];
  const d = markers[seriesStyles[role].marker];
  return [svg('path', { d, class: form === 'points' ? 'open' : 'filled' })];
}

function band(): SVGElement {
  return svg('path', { d: 'M0 1H28V11H0Z', class: 'band' });
}

function dotted(): SVGElement {
  return svg('path', { d: 'M0 6H28', class: 'line thin', 'stroke-dasharray': '1 3' });
}

const markers: Readonly<Record<Marker, string>> = {
  circle: 'M10.5 6a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z',
  triangle: 'M14 2L18 9.5H10Z',
  rectRot: 'M14 2L18 6L14 10L10 6Z',
  crossRot: 'M10.5 2.5L17.5 9.5M17.5 2.5L10.5 9.5',
  rect: 'M10.5 2.5H17.5V9.5H10.5Z',
  star: 'M14 1.5V10.5M9.5 6H18.5M10.8 2.8L17.2 9.2M17.2 2.8L10.8 9.2',
};

function svg(tag: 'svg' | 'path', attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
