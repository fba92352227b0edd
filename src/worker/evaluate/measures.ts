import type { Network } from '../../core/network/network';
import { areaDifference, areaUnderCurve } from '../../core/statistics/auc';
import { crossEntropy, predictedClass } from '../../core/statistics/classification';
import type { Figure } from '../../core/statistics/figure';
import { mean } from '../../core/statistics/mean';
import { pairedDifference, proportion } from '../../core/statistics/proportion';
import { rootRatio } from '../../core/statistics/ratio';
import type { Evaluation, Measure, MeasuredFigure } from '../../protocol/evaluation';
import type { Targets } from '../samples/samples';
import { agreeingShare, overSequences } from './positions';
import type { Tally } from './tally';

/** The figures of an evaluation from what was kept of its sequences. */
export function measuresOf(
  tally: Tally,
  targets: Targets,
  network: Network,
  hasOriginal: boolean,
): Omit<Evaluation, 'data' | 'sequences'> {
  const labels =
    targets.kind === 'labels'
      ? Int32Array.from(tally.indices, (index) => targets.labels[index])
      : undefined;
  return {
    measures: [
      ...(labels === undefined ? [] : classMeasures(tally, labels, hasOriginal)),
      ...(targets.kind === 'position-labels' ? positionMeasures(tally, hasOriginal) : []),
      ...(targets.kind === 'values' ? [normalisedError(tally, hasOriginal)] : []),
    ],
    ...(tally.classifies && hasOriginal ? { agreement: agreementOf(tally) } : {}),
    ...(targets.kind === 'position-labels' && hasOriginal
      ? { agreement: positionAgreement(tally) }
      : {}),
    ...(hasOriginal ? errorsOf(tally, network) : {}),
    ...(tally.classifies ? { balance: balanceOf(tally, labels, hasOriginal) } : {}),
  };
}

function classMeasures(tally: Tally, labels: Int32Array, hasOriginal: boolean): Measure[] {
  const area =
    labels.length > 0 && tally.scores[0].length === 2 ? [auc(tally, labels, hasOriginal)] : [];
  return [accuracy(tally, labels, hasOriginal), loss(tally, labels, hasOriginal), ...area.flat()];
}

function accuracy(tally: Tally, labels: Int32Array, hasOriginal: boolean): Measure {
  const hits = (scores: readonly Float64Array[]): boolean[] =>
    scores.map((one, i) => predictedClass(one) === labels[i]);
  const ours = hits(tally.scores);
  const n = labels.length;
  const share = (which: readonly boolean[]): MeasuredFigure =>
    measured(proportion(which.filter(Boolean).length, n));
  const measure = { id: 'accuracy', samples: n, model: share(ours) } as const;
  if (!hasOriginal) return measure;
  const theirs = hits(tally.originalScores);
  const lost = theirs.filter((hit, i) => hit && !ours[i]).length;
  const won = ours.filter((hit, i) => hit && !theirs[i]).length;
  return {
    ...measure,
    original: share(theirs),
    difference: measured(pairedDifference(lost, won, n)),
  };
}

function loss(tally: Tally, labels: Int32Array, hasOriginal: boolean): Measure {
  const losses = (scores: readonly Float64Array[]): number[] =>
    scores.map((one, i) => crossEntropy(one, labels[i]));
  const ours = losses(tally.scores);
  const measure = { id: 'loss', samples: labels.length, model: measured(mean(ours)) } as const;
  if (!hasOriginal) return measure;
  const theirs = losses(tally.originalScores);
  return {
    ...measure,
    original: measured(mean(theirs)),
    difference: measured(mean(ours.map((value, i) => value - theirs[i]))),
  };
}

/** Of two classes; none where all samples are of one class. */
function auc(tally: Tally, labels: Int32Array, hasOriginal: boolean): Measure[] {
  const margins = (scores: readonly Float64Array[]): Float64Array =>
    Float64Array.from(scores, (one) => one[1] - one[0]);
  const ours = margins(tally.scores);
  const area = areaUnderCurve(ours, labels);
  if (area === undefined) return [];
  const measure = { id: 'auc', samples: labels.length, model: measured(area) } as const;
  if (!hasOriginal) return [measure];
  const theirs = margins(tally.originalScores);
  const [original, difference] = [
    areaUnderCurve(theirs, labels),
    areaDifference(theirs, ours, labels),
  ];
  return [
    {
      ...measure,
      ...(original && { original: measured(original) }),
      ...(difference && { difference: measured(difference) }),
    },
  ];
}

/** Accuracy and loss where every position has a label: of every sequence, and then over the sequences. */
function positionMeasures(tally: Tally, hasOriginal: boolean): Measure[] {
  const { positions, originalPositions } = tally;
  const samples = positions.filter((one) => one !== undefined).length;
  return (['hits', 'loss'] as const).map((key): Measure => {
    const figure = (values: readonly (number | undefined)[]): MeasuredFigure =>
      measured(key === 'hits' ? asShare(overSequences(values)) : overSequences(values));
    const ours = positions.map((one) => one?.[key]);
    const measure = {
      id: key === 'hits' ? 'accuracy' : 'loss',
      samples,
      model: figure(ours),
    } as const;
    if (!hasOriginal) return measure;
    const theirs = originalPositions.map((one) => one?.[key]);
    const differences = ours.map((value, i) =>
      value === undefined ? undefined : value - (theirs[i] ?? NaN),
    );
    return {
      ...measure,
      original: figure(theirs),
      difference: measured(overSequences(differences)),
    };
  });
}

function positionAgreement({ positions, originalPositions }: Tally): MeasuredFigure {
  const shares = positions.map((one, i) => {
    const other = originalPositions[i];
    return one === undefined || other === undefined ? undefined : agreeingShare(one, other);
  });
  return measured(asShare(overSequences(shares)));
}

/** The root of the squared error over that of the targets' own mean. */
function normalisedError(tally: Tally, hasOriginal: boolean): Measure {
  const spreads = spreadsOf(tally.moments);
  const measure = {
    id: 'nrmse',
    samples: tally.indices.length,
    model: measured(rootRatio(tally.residuals, spreads)),
  } as const;
  if (!hasOriginal) return measure;
  return { ...measure, original: measured(rootRatio(tally.originalResiduals, spreads)) };
}

/** Of every sequence: the squared distances of its targets from the mean over all sequences, feature by feature. */
function spreadsOf(moments: readonly Float64Array[]): Float64Array {
  const width = moments[0].length / 3;
  const means = Array.from({ length: width }, (_, h) => {
    const [count, sum] = [0, 1].map((k) => moments.reduce((s, one) => s + one[3 * h + k], 0));
    return sum / count;
  });
  return Float64Array.from(moments, (one) =>
    means.reduce((total, average, h) => {
      const [count, sum, squares] = one.subarray(3 * h, 3 * h + 3);
      return total + Math.max(0, squares - 2 * average * sum + count * average * average);
    }, 0),
  );
}

function agreementOf({ scores, originalScores }: Tally): MeasuredFigure {
  const same = scores.filter((one, i) => predictedClass(one) === predictedClass(originalScores[i]));
  return measured(proportion(same.length, scores.length));
}

function errorsOf(
  { errors, norms }: Tally,
  { layers }: Network,
): Pick<Evaluation, 'outputError' | 'layers'> {
  const figures = errors.map((column, i) => measured(rootRatio(column, norms[i])));
  return {
    outputError: figures[layers.length],
    layers: layers.map(({ name }, i) => ({ name, error: figures[i] })),
  };
}

function balanceOf(
  tally: Tally,
  labels: Int32Array | undefined,
  hasOriginal: boolean,
): NonNullable<Evaluation['balance']> {
  const classes = tally.scores[0]?.length ?? 0;
  const count = (predicted: Iterable<number>): number[] => {
    const counts = new Array<number>(classes).fill(0);
    for (const one of predicted) counts[one]++;
    return counts;
  };
  return {
    model: count(tally.scores.map(predictedClass)),
    ...(hasOriginal ? { original: count(tally.originalScores.map(predictedClass)) } : {}),
    ...(labels === undefined ? {} : { labels: count(labels) }),
  };
}

/** A mean of shares, whose interval ends where shares do. */
function asShare({ value, low, high }: Figure): Figure {
  return { value, low: Math.max(0, low), high: Math.min(1, high) };
}

function measured({ value, low, high }: Figure): MeasuredFigure {
  const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);
  return { value: finite(value), low: finite(low), high: finite(high) };
}
