import { element } from '../../ui/dom';

export interface TabList<T extends string> {
  readonly element: HTMLElement;
  /** What the tabs show. */
  readonly panel: HTMLElement;
  /** Makes a tab the current one, without telling anybody. */
  show(id: T): void;
}

/** Tabs as those of the editor's own panels; arrow keys, Home and End move between them. */
export function tabList<T extends string>(
  label: string,
  tabs: readonly { readonly id: T; readonly label: string }[],
  onPick: (id: T) => void,
): TabList<T> {
  const panel = element('div', { role: 'tabpanel', id: 'layer-chart', 'aria-labelledby': '' });
  const buttons = tabs.map((tab) => {
    const made = element(
      'button',
      { type: 'button', role: 'tab', id: `tab-${tab.id}`, 'aria-controls': 'layer-chart' },
      tab.label,
    );
    made.addEventListener('click', () => {
      pick(tab.id);
    });
    return made;
  });
  const list = element('div', { role: 'tablist', class: 'tabs', 'aria-label': label }, ...buttons);
  let current = 0;

  const show = (id: T): void => {
    current = Math.max(
      0,
      tabs.findIndex((tab) => tab.id === id),
    );
    buttons.forEach((button, i) => {
      button.setAttribute('aria-selected', String(i === current));
      button.tabIndex = i === current ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', buttons[current].id);
    // where it is can only be known once it is laid out
    requestAnimationFrame(() => {
      bringIntoView(list, buttons[current]);
    });
  };
  const pick = (id: T): void => {
    show(id);
    onPick(id);
  };
  list.addEventListener('keydown', ({ key }) => {
    const target: Partial<Record<string, number>> = {
      ...{ ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: tabs.length - 1 },
    };
    const to = target[key];
    if (to === undefined) return;
    const next = (to + tabs.length) % tabs.length;
    pick(tabs[next].id);
    buttons[next].focus();
  });
  return { element: list, panel, show };
}

/** Scrolls the tabs, and nothing but them, so far that the one is seen. */
function bringIntoView(list: HTMLElement, tab: HTMLElement): void {
  const [frame, box] = [list.getBoundingClientRect(), tab.getBoundingClientRect()];
  if (box.left < frame.left) list.scrollLeft -= frame.left - box.left;
  else if (box.right > frame.right) list.scrollLeft += box.right - frame.right;
}
