import { fillText, showError, showName } from '../../src/protocol/shown';
import type { HyperRecord, UntiedRecord } from '../../src/protocol/report';
import type { ReportTexts } from '../../src/protocol/texts';
import type { ReportView } from '../../src/protocol/webview';
import { element, nameText, section, table } from '../ui/dom';
import type { ReportHost } from './view';

/** What the tensors do not tell, with its source; the same value of several layers once. */
export function hyperParameterSection(
  { hyperParameters }: ReportView,
  { texts }: ReportHost,
): readonly Node[] {
  if (hyperParameters.length === 0) return [];
  const rows = table<SharedValue>(
    texts.hyperParameters,
    [
      { heading: texts.name, cell: ({ record }) => nameText(showName(record.title)) },
      { heading: texts.value, cell: ({ record }) => showName(record.label) },
      { heading: texts.source, cell: ({ record }) => nameText(sourceText(record, texts)) },
      { heading: texts.layers, cell: ({ layers }) => nameText(showName(layers.join(', '), 200)) },
    ],
    sharedValues(hyperParameters),
  );
  return [section('hyper-parameters', texts.hyperParameters, rows)];
}

/** Layers whose poles are no longer shared, and what that gained. */
export function untiedSection({ untied }: ReportView, { texts }: ReportHost): readonly Node[] {
  if (untied.length === 0) return [];
  const rows = table<UntiedRecord>(
    texts.untied,
    [
      { heading: texts.layer, cell: ({ layer }) => nameText(showName(layer)) },
      { heading: texts.setting, cell: ({ setting, value }) => `${showName(setting)}=${value}` },
      {
        heading: texts.errorIfTied,
        numeric: true,
        cell: ({ errorIfTied: { relative, kind } }) =>
          element('span', {}, showError(relative), element('span', { class: 'kind' }, texts[kind])),
      },
    ],
    untied,
  );
  return [section('untied', texts.untied, rows)];
}

interface SharedValue {
  readonly record: HyperRecord;
  readonly layers: string[];
}

function sharedValues(records: readonly HyperRecord[]): SharedValue[] {
  const shared = new Map<string, SharedValue>();
  for (const record of records) {
    const { layer, name, value, from, where } = record;
    const key = JSON.stringify([name, value, from, where]);
    const known = shared.get(key);
    if (known === undefined) shared.set(key, { record, layers: [layer] });
    else known.layers.push(layer);
  }
  return [...shared.values()];
}

function sourceText({ from, where }: HyperRecord, texts: ReportTexts): string {
  if (from === 'configuration') return fillText(texts.configuration, showName(where ?? '', 200));
  const source = texts[from];
  return where === undefined ? source : `${source} (${showName(where, 200)})`;
}
