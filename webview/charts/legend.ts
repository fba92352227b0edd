import { element } from '../ui/dom';
import type { PlotSeries } from './plot';
import { seriesStyles } from './seriesStyle';

const namespace = 'http://www.w3.org/2000/svg';

/** What the lines and markers of a chart stand for. */
export function legend(series: readonly PlotSeries[]): HTMLElement {
  const entries = series.map((one) => element('li', {}, swatch(one), one.label));
  return element('ul', { class: 'legend' }, ...entries);
}

/** A piece of the line with its marker, in colours that follow the theme. */
function swatch({ role, form }: PlotSeries): SVGElement {
  const { colour, dash, marker } = seriesStyles[role];
  const [width, viewBox] = form === 'points' ? ['12', '8 0 12 12'] : ['28', '0 0 28 12'];
  const drawn = svg('svg', { width, viewBox, height: '12', 'aria-hidden': 'true' });
  drawn.style.color = `var(${colour})`;
  if (form !== 'points') {
    const dashes = dash.join(' ') || 'none';
    drawn.append(svg('path', { d: 'M0 6H28', class: 'line', 'stroke-dasharray': dashes }));
  }
  drawn.append(svg('path', { d: markers[marker], class: form === 'points' ? 'open' : 'filled' }));
  return drawn;
}

const markers = {
  circle: 'M10.5 6a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z',
  triangle: 'M14 2L18 9.5H10Z',
  rectRot: 'M14 2L18 6L14 10L10 6Z',
  crossRot: 'M10.5 2.5L17.5 9.5M17.5 2.5L10.5 9.5',
} as const;

function svg(tag: 'svg' | 'path', attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
