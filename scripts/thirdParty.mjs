import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

/** Packages inside the toolkit's prebuilt file, which the bundler cannot see. */
const insideToolkit = [
  '@microsoft/fast-element',
  '@microsoft/fast-foundation',
  'exenv-es6',
  'tabbable',
];

/** The licences of the packages that ended up in the bundles, as their terms ask for. */
export function thirdPartyNotices(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const bundled = inputs.flatMap((file) => {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
    return match === null ? [] : [match[1]];
  });
  const toolkit = bundled.includes('@vscode/webview-ui-toolkit') ? insideToolkit : [];
  const names = [...new Set([...bundled, ...toolkit])].sort();
  const notices = names.map((name) => {
    const folder = path.join(root, 'node_modules', name);
    const { version, license } = JSON.parse(
      readFileSync(path.join(folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : readFileSync(path.join(folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `SSM Compress contains the following packages.\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
