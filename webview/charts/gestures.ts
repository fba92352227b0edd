import type { DrawnChart } from './contents';
import type { ZoomAxes } from './zoom';

interface Walk {
  readonly places: () => number;
  readonly place: () => number;
  readonly go: (to: number) => void;
  readonly take: () => void;
  readonly zoomed: () => ZoomAxes | undefined;
}

/** Arrow keys walk from place to place, plus and minus zoom, 0 shows everything again, Enter takes the place. */
export function addKeys(
  holder: HTMLElement,
  chart: () => DrawnChart | undefined,
  { places, place, go, take, zoomed }: Walk,
): void {
  holder.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = place();
    const page = Math.max(1, Math.round(places() / 10));
    const target: Partial<Record<string, number>> = {
      ...{ ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1 },
      ...{ PageUp: at + page, PageDown: at - page, Home: 0, End: places() - 1 },
    };
    const to = target[event.key];
    const shown = chart();
    const axes = zoomed() ?? 'both';
    if (to !== undefined && places() > 0) go(to);
    else if (event.key === 'Enter') take();
    else if (shown === undefined) return;
    else if (event.key === '+' || event.key === '=')
      shown.zoom.scale(0.7, shown.pixelsOf(at), axes);
    else if (event.key === '-') shown.zoom.scale(1 / 0.7, shown.pixelsOf(at), axes);
    else if (event.key === '0') shown.zoom.reset();
    else if (event.key === 'Escape') shown.mark(undefined);
    else return;
    event.preventDefault();
  });
  holder.addEventListener('blur', () => {
    chart()?.mark(undefined);
  });
}

/** A wheel zooms along the horizontal axis, with Shift along the other; a drag chooses, or moves what is seen. */
export function addPointer(
  holder: HTMLElement,
  chart: () => DrawnChart | undefined,
  choose: ((place: number) => void) | undefined,
  zoomed: () => ZoomAxes | undefined,
): void {
  const at = ({ clientX, clientY }: MouseEvent): { x: number; y: number } => {
    const { left, top } = holder.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  holder.addEventListener(
    'wheel',
    (event) => {
      const shown = chart();
      if (shown === undefined || document.activeElement !== holder) return;
      event.preventDefault();
      // with Shift held some systems turn the wheel's movement sideways
      const turned = event.deltaY === 0 ? event.deltaX : event.deltaY;
      const axes = zoomed() ?? (event.shiftKey ? 'y' : 'x');
      shown.zoom.scale(1.2 ** Math.sign(turned), at(event), axes);
    },
    { passive: false },
  );
  holder.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    holder.focus();
    let last = at(event);
    if (choose !== undefined) choose(chart()?.placeAt(last.x) ?? 0);
    const dragging = new AbortController();
    const { signal } = dragging;
    const onMove = (moved: PointerEvent): void => {
      const now = at(moved);
      if (choose !== undefined) choose(chart()?.placeAt(now.x) ?? 0);
      else chart()?.zoom.pan(now.x - last.x, zoomed() === 'x' ? 0 : now.y - last.y);
      last = now;
    };
    window.addEventListener('pointermove', onMove, { signal });
    for (const end of ['pointerup', 'pointercancel'] as const) {
      window.addEventListener(
        end,
        () => {
          dragging.abort();
        },
        { signal },
      );
    }
  });
}
