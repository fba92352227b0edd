import type {
  CalibrationParams,
  CalibrationPart,
  CalibrationRecord,
  RecordedRecord,
} from '../protocol/calibration';
import { showName } from '../protocol/shown';
import { describeNetwork } from '../worker/describeNetwork';
import { figureTable } from './figures';
import { showMeasure } from './measures';
import { describeQuestions, refuseOpen } from './questions';
import { formatTable } from './table';
import type { Terminal } from './terminal';
import { count } from './text';

/** What can be typed about sample data. */
export interface DataOptions {
  readonly data?: string;
  readonly dataOption?: Readonly<Record<string, string>>;
  readonly test?: string;
  readonly testOption?: Readonly<Record<string, string>>;
  readonly sequences?: number;
  readonly without?: readonly CalibrationPart[];
  readonly refine?: boolean;
}

/** The sample data to calibrate with; undefined where none is given. */
export function calibrationOf({
  data,
  dataOption,
  test,
  testOption,
  sequences,
  without,
  refine,
}: DataOptions): CalibrationParams | undefined {
  if (data === undefined) return undefined;
  return {
    data,
    ...(dataOption === undefined ? {} : { dataSettings: dataOption }),
    ...(test === undefined ? {} : { test }),
    ...(testOption === undefined ? {} : { testSettings: testOption }),
    ...(sequences === undefined ? {} : { sequences }),
    ...(without === undefined ? {} : { without }),
    ...(refine === true ? { refine } : {}),
  };
}

/** Says what is open about the network and stops, with the flags that answer. */
export async function refuseUnknownNetwork(
  file: string,
  given: Readonly<Record<string, string>>,
  terminal: Terminal,
): Promise<void> {
  const network = await describeNetwork(file, { given }, terminal.signal);
  const questions = 'questions' in network ? network.questions : [];
  for (const line of describeQuestions(questions)) terminal.remark(line);
  refuseOpen(questions);
}

/** What a calibrated run kept, as text; nothing for a run without sample data. */
export function describeCalibration(record: CalibrationRecord | undefined): string[] {
  if (record === undefined) return [];
  const { evaluation, layers, changedTensors } = record;
  const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const rows = layers.map(({ name, heldOutError, mixing }) => [
    showName(name, 80),
    heldOutError === null ? '' : share(heldOutError),
    mixing === undefined ? '' : `${share(mixing.before)} → ${share(mixing.after)}`,
  ]);
  return [
    ...figureTable(evaluation),
    '',
    ...formatTable(
      [['Layer', 'Error on other sequences', 'After the map that follows'], ...rows],
      ['left', 'right', 'right'],
    ),
    '',
    ...triedTable(record),
    ...layersTriedLines(record),
    ...formatTable(
      [
        ['Calibrated', `with ${count(record.sequences)} sequences, ${record.parts.join(', ')}`],
        ...refinedRow(record),
        ['Data', showName(record.data, 200)],
        [
          'Measured',
          `on ${count(evaluation.sequences)} sequences that were held out; in brackets 95 % confidence intervals`,
        ],
        ['Also changed', changedTensors.map((name) => showName(name, 60)).join(', ') || 'nothing'],
      ],
      ['left', 'left'],
    ),
    '',
  ];
}

function refinedRow({ refined }: CalibrationRecord): string[][] {
  if (refined === undefined) return [];
  const [before, after] = [refined.before, refined.after].map((x) => `${(100 * x).toFixed(1)} %`);
  const change = before === after ? 'nothing was gained' : `${before} → ${after}`;
  return [['Refined', `error of the output on other sequences: ${change}`]];
}

function triedTable({ tried = [] }: CalibrationRecord): string[] {
  if (tried.length === 0) return [];
  const rows = tried.map(({ order, parameters, evaluation }) => {
    const accuracy = evaluation.measures.find(({ id }) => id === 'accuracy');
    return [
      count(order),
      count(parameters),
      accuracy === undefined ? '' : showMeasure(accuracy.model, true),
      evaluation.outputError === undefined ? '' : showMeasure(evaluation.outputError, true),
    ];
  });
  return [
    ...formatTable(
      [['Order tried', 'Parameters', 'Accuracy', 'Error of the output'], ...rows],
      ['right', 'right', 'left', 'left'],
    ),
    '',
  ];
}

/** The orders of single layers that were tried with all layers together, and which were taken. */
function layersTriedLines({ layersTried }: CalibrationRecord): string[] {
  if (layersTried === undefined) return [];
  const { tried, alone, uniform, taken } = layersTried;
  const rows = tried.map(({ orders, parameters, kept, evaluation }) => [
    orders.map(count).join(', '),
    count(parameters),
    evaluation.outputError === undefined ? '' : showMeasure(evaluation.outputError, true),
    kept ? 'kept' : 'missed',
  ]);
  return [
    ...formatTable(
      [['Orders of the layers tried', 'Parameters', 'Error of the output', 'Tolerance'], ...rows],
      ['left', 'right', 'left', 'left'],
    ),
    '',
    taken === 'layers'
      ? `Each layer has an order of its own: together they keep the tolerance with less than order ${count(uniform)} for all.`
      : `No orders of single layers that were tried keep the tolerance with less than order ${count(uniform)} for all.`,
    `Ranked by what the output misses when one of the ${count(alone.length)} layers alone is reduced.`,
    '',
  ];
}

/** What a run by recorded inputs reached, as text; nothing for others. */
export function describeRecorded(record: RecordedRecord | undefined): string[] {
  if (record === undefined) return [];
  const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const rows = record.layers.map(({ name, fittedError, heldOutError }) => [
    showName(name, 80),
    share(fittedError),
    share(heldOutError),
  ]);
  return [
    ...formatTable(
      [['Layer', 'Error of its output', 'on sequences held out'], ...rows],
      ['left', 'right', 'right'],
    ),
    '',
    `Weighed by the recorded inputs of ${count(record.sequences)} sequences.`,
    '',
  ];
}
