/** The only file that knows the toolkit: registers its elements and makes them with types. */
import '@vscode/webview-ui-toolkit/dist/toolkit.min.js';

/** A button; `primary` for the one action that a page is for. */
export function button(
  label: string,
  onClick: () => void,
  appearance: 'primary' | 'secondary' = 'secondary',
): HTMLElement {
  const made = document.createElement('vscode-button');
  made.setAttribute('appearance', appearance);
  made.textContent = label;
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
