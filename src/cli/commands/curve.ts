import { allocationTitles, type AllocationWeights } from '../../protocol/allocation';
import type { EngineChoice } from '../../protocol/engines';
import type { Evaluation } from '../../protocol/evaluation';
import type { CurveResult, TradeoffPoint } from '../../protocol/worker';
import { showName, showSeconds } from '../../protocol/shown';
import { traceTradeoff } from '../../worker/tradeoff';
import { calibrationOf, refuseUnknownNetwork, type DataOptions } from '../calibration';
import { showMeasure } from '../measures';
import { describeEngine, engineOf } from '../engine';
import { createProgressDisplay } from '../progress';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';
import { count, upperBound } from '../text';

export interface CurveOptions extends DataOptions {
  /** What orders are shared out by; `true` where nobody says. */
  readonly allocate?: AllocationWeights | true;
  readonly orders?: readonly number[];
  /** Answers to what the file does not tell. */
  readonly set?: Readonly<Record<string, string>>;
  readonly engine?: EngineChoice;
  readonly enginesFolder?: string;
  readonly json?: boolean;
}

/** `ssm curve FILE`: what each size would keep. Writes nothing. */
export async function curveCommand(
  file: string,
  { orders, set: given = {}, json = false, allocate: shared, ...options }: CurveOptions,
  terminal: Terminal,
): Promise<void> {
  const calibration = calibrationOf(options);
  const usual = calibration === undefined ? 'certified' : 'measured';
  const allocate = shared === true ? usual : shared;
  if (calibration !== undefined || allocate !== undefined) {
    await refuseUnknownNetwork(file, given, terminal);
  }
  const display = createProgressDisplay(terminal);
  const result = await traceTradeoff(
    {
      ...{ file, answers: { given }, engine: engineOf(options) },
      ...(calibration === undefined ? {} : { calibration }),
      ...(allocate === undefined ? {} : { allocate }),
      ...(orders === undefined ? {} : { orders }),
    },
    { signal: terminal.signal, onProgress: display.show },
  ).finally(() => {
    display.end();
  });
  const described =
    allocate !== undefined
      ? describeForetold(result, allocate)
      : calibration === undefined
        ? describeEstimated(result)
        : describe(result);
  const lines = [...described, ...describeEngine(result.engine).map((row) => row.join(': '))];
  for (const line of json ? [JSON.stringify(result, undefined, 2)] : lines) terminal.print(line);
}

/** Without sample data: the greatest error of a layer. */
function describeEstimated({
  points,
  orderBefore,
  parametersBefore,
  ...more
}: CurveResult): string[] {
  return [
    ...formatTable(
      [
        ['Order', 'Parameters', 'Greatest h² error of a layer'],
        ...points.map(({ order, parameters, layerError = 0 }) => [
          count(order),
          count(parameters),
          percent(layerError),
        ]),
        [count(orderBefore), count(parametersBefore), 'the original'],
      ],
      ['right', 'right', 'right'],
    ),
    '',
    `Estimated in ${showSeconds(more.seconds, true)}, relative to the norm of the layer. A compression certifies its errors.`,
    ...more.notes,
  ];
}

/** Orders shared out: what the output's error is foretold to be at each size. */
function describeForetold(
  { points, parametersBefore, seconds, notes }: CurveResult,
  weights: AllocationWeights,
): string[] {
  const names = Object.keys(points.at(0)?.layerOrders ?? {});
  const rows = points.map(({ parameters, foretoldError, foretoldBound = 0, layerOrders = {} }) => [
    count(parameters),
    foretoldError === undefined ? upperBound(foretoldBound) : percent(foretoldError),
    ...names.map((name) => count(layerOrders[name])),
  ]);
  return [
    ...formatTable(
      [['Parameters', 'Foretold error', ...names.map((name) => showName(name, 40))], ...rows],
      ['right', 'right', ...names.map(() => 'right' as const)],
    ),
    '',
    `Orders of the layers at each size, of ${count(parametersBefore)} parameters now, by ${allocationTitles[weights]}. Traced in ${showSeconds(seconds, true)}.`,
    ...notes,
  ];
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

const measureTitles = {
  accuracy: 'Accuracy',
  loss: 'Cross entropy',
  auc: 'Area under ROC curve',
  nrmse: 'Normalised RMSE',
} as const;

function describe({
  points,
  orderBefore,
  parametersBefore,
  seconds,
  notes,
}: CurveResult): string[] {
  const first = points.at(0)?.evaluation;
  const ids = first?.measures.map(({ id }) => id) ?? [];
  const figuresOf = ({ evaluation }: TradeoffPoint): string[] => [
    ...ids.map((id) => {
      const measure = measureOf(evaluation, id);
      return measure === undefined ? '' : showMeasure(measure.model, id === 'accuracy');
    }),
    evaluation?.outputError === undefined ? '' : showMeasure(evaluation.outputError, true),
  ];
  const originals = ids.map((id) => {
    const measure = measureOf(first, id);
    return measure?.original === undefined ? '' : showMeasure(measure.original, id === 'accuracy');
  });
  return [
    ...formatTable(
      [
        ['Order', 'Parameters', ...ids.map((id) => measureTitles[id]), 'Error of the output'],
        ...points.map((point) => [
          count(point.order),
          count(point.parameters),
          ...figuresOf(point),
        ]),
        [count(orderBefore), count(parametersBefore), ...originals, 'the original'],
      ],
      ['right', 'right', ...ids.map(() => 'left' as const), 'left'],
    ),
    '',
    `Measured on ${count(first?.sequences ?? 0)} held-out sequences in ${showSeconds(seconds, true)}; in brackets 95 % confidence intervals.`,
    ...notes,
  ];
}

function measureOf(evaluation: Evaluation | undefined, id: string) {
  return evaluation?.measures.find((one) => one.id === id);
}
