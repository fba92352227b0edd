import type { RecordedRecord } from '../../src/protocol/calibration';
import { fillText, showCount, showName } from '../../src/protocol/shown';
import { showFigure } from '../../src/protocol/shownMeasures';
import type { ReportView } from '../../src/protocol/webview';
import { element, nameText, obtained, section, table } from '../ui/dom';
import type { ReportHost } from './view';

/** What a compression by recorded inputs reached in every layer; nothing where there was no recording. */
export function recordedSection({ recorded }: ReportView, host: ReportHost): readonly Node[] {
  if (recorded === undefined) return [];
  const { texts, language } = host;
  const share = (value: number): string => showFigure('outputError', value, language);
  const rows = table<RecordedRecord['layers'][number]>(
    texts.onRecorded,
    [
      { heading: texts.layer, cell: ({ name }) => nameText(showName(name), showName(name, 1000)) },
      {
        ...{ heading: texts.fitted, help: texts.recordedFittedHelp, numeric: true },
        cell: ({ fittedError }) => share(fittedError),
      },
      {
        ...{ heading: texts.heldOut, help: texts.recordedHeldOutHelp, numeric: true },
        cell: ({ heldOutError }) => share(heldOutError),
      },
    ],
    recorded.layers,
  );
  const count = showCount(recorded.sequences, language);
  return [
    section(
      'recorded',
      obtained(texts.onRecorded, texts.measured),
      element('p', { class: 'lead' }, fillText(texts.recordedLead, count)),
      rows,
    ),
  ];
}
