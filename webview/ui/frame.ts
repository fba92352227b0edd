import type { ShownFault } from '../../src/protocol/webview';
import { button, progressRing } from './controls';
import { element, nameText } from './dom';
import { showName } from '../../src/protocol/shown';

/** What both pages show around and instead of their contents. */
interface FrameTexts {
  readonly reading: string;
  readonly reload: string;
  readonly showLog: string;
  readonly reopen: string;
  readonly changed: string;
  readonly deleted: string;
  readonly failed: string;
  readonly place: string;
}

type FrameAction = 'reload' | 'showLog' | 'reopen';

export interface Frame<TReady> {
  readonly texts: FrameTexts;
  readonly act: (action: FrameAction) => void;
  readonly drawReady: (state: TReady) => readonly Node[];
}

type Outdated = 'no' | 'changed' | 'deleted';

type FrameState<TReady> = {
  readonly fileName: string;
  readonly revision: number;
  readonly outdated: Outdated;
} & (
  | { readonly kind: 'reading' }
  | { readonly kind: 'failed'; readonly fault: ShownFault }
  | (TReady & { readonly kind: 'ready' })
);

/**
 * Makes the function that draws a state into the page: the contents, or that they are being read, or why they cannot
 * be. The contents are made anew only when the file was read anew, so that nobody loses their place.
 */
export function createFrame<TReady extends object>(
  root: HTMLElement,
  frame: Frame<TReady>,
): (state: FrameState<TReady>) => void {
  const banner = element('div', { role: 'status' });
  const page = element('div');
  root.replaceChildren(banner, page);
  let drawn: number | undefined;
  return (state) => {
    banner.replaceChildren(...outdatedBanner(state.outdated, frame));
    if (drawn === state.revision) return;
    drawn = state.revision;
    page.replaceChildren(...contents(state, frame));
    page.setAttribute('aria-busy', String(state.kind === 'reading'));
    document.body.dataset.state = state.kind;
  };
}

function contents<TReady extends object>(
  state: FrameState<TReady>,
  frame: Frame<TReady>,
): readonly Node[] {
  switch (state.kind) {
    case 'reading':
      return [
        element(
          'p',
          { class: 'reading', role: 'status' },
          progressRing(frame.texts.reading),
          frame.texts.reading,
        ),
      ];
    case 'failed':
      return [fault(state.fileName, state.fault, frame)];
    case 'ready':
      return frame.drawReady(state);
  }
}

function fault(fileName: string, { message, place }: ShownFault, frame: Frame<never>): HTMLElement {
  const { texts, act } = frame;
  return element(
    'section',
    { class: 'fault', role: 'alert' },
    element('h1', {}, nameText(showName(fileName))),
    element('p', { class: 'lead' }, texts.failed),
    element('p', {}, showName(message, 1000)),
    place === undefined ? undefined : element('p', {}, `${texts.place}: `, nameText(place)),
    element(
      'p',
      { class: 'buttons' },
      button(
        texts.reload,
        () => {
          act('reload');
        },
        'primary',
      ),
      button(texts.reopen, () => {
        act('reopen');
      }),
      button(texts.showLog, () => {
        act('showLog');
      }),
    ),
  );
}

function outdatedBanner(outdated: Outdated, { texts, act }: Frame<never>): readonly Node[] {
  if (outdated === 'no') return [];
  return [
    element(
      'div',
      { class: 'banner' },
      element('span', {}, texts[outdated]),
      button(texts.reload, () => {
        act('reload');
      }),
    ),
  ];
}
