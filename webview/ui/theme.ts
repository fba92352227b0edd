/** The value of a CSS variable as the body has it; empty when the theme does not set it. */
export function themeColour(variable: string): string {
  return getComputedStyle(document.body).getPropertyValue(variable).trim();
}

/** Calls back when the person switches the theme, until the function that is returned is called. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributeFilter: ['class', 'data-vscode-theme-kind'] });
  observer.observe(document.documentElement, { attributeFilter: ['style'] });
  return () => {
    observer.disconnect();
  };
}
