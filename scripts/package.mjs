/** Packs the extension from what is in dist/. */
import { must, tool, vsix } from './run.mjs';

must(
  ...tool('@vscode/vsce/vsce'),
  ...['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'],
  ...['--out', vsix],
);
