/** The content of l10n/bundle.l10n.json: each text of the workbench and its pages, as its own key. */
export function bundleText(): string;
