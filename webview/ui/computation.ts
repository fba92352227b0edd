import { fillText, showShare } from '../../src/protocol/shown';
import { button, progressRing } from './controls';
import { element } from './dom';

interface ComputationTexts {
  readonly computing: string;
  readonly cancel: string;
}

/** A computation in parts, one after another, that the person can follow and cancel. */
export interface Computation {
  readonly element: HTMLElement;
  /** Offers to begin where something is left to do. */
  offer(): void;
  /** Does the parts. Begun again while it runs, it goes on with what it has. */
  start(parts: readonly Part[]): Promise<void>;
}

export interface Part {
  /** How much of the whole it is, in any unit. */
  readonly size: number;
  readonly run: (signal: AbortSignal, onProgress: (fraction: number) => void) => Promise<void>;
}

/**
 * A place in the page that offers a computation and shows how far it is.
 *
 * @param label of the button that begins it
 * @param parts what is left to do when the button is pressed; nothing is offered once that is nothing
 */
export function computation(
  label: string,
  { texts, language }: { readonly texts: ComputationTexts; readonly language: string },
  parts: () => readonly Part[],
): Computation {
  const place = element('span', { class: 'computation' });
  const fault = element('span', { class: 'found', role: 'alert' });
  const frame = element('span', { class: 'computation' }, place, fault);
  let running: AbortController | undefined;

  const offer = (): void => {
    if (running !== undefined) return;
    const begin = button(label, () => {
      void start(parts());
    });
    place.replaceChildren(...(parts().length === 0 ? [] : [begin]));
  };

  async function start(todo: readonly Part[]): Promise<void> {
    if (running !== undefined || todo.length === 0) return;
    const { signal } = (running = new AbortController());
    const total = todo.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    const shown = element('span', { class: 'found' });
    const show = (fraction: number): void => {
      shown.textContent = fillText(
        texts.computing,
        showShare(Math.floor(100 * fraction) / 100, language),
      );
    };
    const cancel = button(texts.cancel, () => running?.abort());
    place.replaceChildren(progressRing(label), shown, cancel);
    fault.textContent = '';
    show(0);
    try {
      for (const { size, run } of todo) {
        await run(signal, (fraction) => {
          show((done + size * fraction) / total);
        });
        signal.throwIfAborted();
        done += size;
        show(done / total);
      }
    } catch (error) {
      if (!signal.aborted) fault.textContent = error instanceof Error ? error.message : '';
    } finally {
      running = undefined;
      offer();
    }
  }

  return { element: frame, start, offer };
}
