/** The only file that knows the toolkit: registers its elements and makes them with types. */
import '@vscode/webview-ui-toolkit/dist/toolkit.min.js';

/** A button; `primary` for the one action that a page is for. `name` is read out where the label alone says too little. */
export function button(
  label: string,
  onClick: () => void,
  appearance: 'primary' | 'secondary' = 'secondary',
  name?: string,
): HTMLElement {
  const made = document.createElement('vscode-button');
  made.setAttribute('appearance', appearance);
  made.textContent = label;
  if (name !== undefined) {
    made.title = name;
    nameForReaders(made, name);
  }
  made.addEventListener('click', onClick);
  return made;
}

/** A search field that tells of every keystroke. */
export function searchField(
  label: string,
  value: string,
  onInput: (text: string) => void,
): HTMLElement {
  const made = document.createElement('vscode-text-field') as HTMLElement & { value: string };
  made.setAttribute('placeholder', label);
  nameForReaders(made, label);
  made.setAttribute('type', 'text');
  made.setAttribute('value', value);
  made.addEventListener('input', () => {
    onInput(made.value);
  });
  return made;
}

/** A list of which one item is chosen; tells of the index of another choice. */
export function picker(
  id: string,
  label: string,
  items: readonly string[],
  onPick: (index: number) => void,
  first = 0,
): HTMLElement {
  const made = document.createElement('select');
  made.id = id;
  made.append(...items.map((item, index) => new Option(item, String(index))));
  made.selectedIndex = first;
  made.addEventListener('change', () => {
    onPick(made.selectedIndex);
  });
  const name = document.createElement('label');
  name.htmlFor = id;
  name.textContent = label;
  const both = document.createElement('span');
  both.className = 'picker';
  both.append(name, made);
  return both;
}

/** A ring that turns until it is removed. */
export function progressRing(label: string): HTMLElement {
  const made = document.createElement('vscode-progress-ring');
  nameForReaders(made, label);
  return made;
}

/** The toolkit names its elements itself, in English, when they come into the page; this has the last word. */
function nameForReaders(made: HTMLElement, label: string): void {
  requestAnimationFrame(() => {
    made.setAttribute('aria-label', label);
  });
}
