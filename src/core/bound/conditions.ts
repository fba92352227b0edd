import type { OtherSignals, Sizes, Statistics, StepStatistics } from './statistics';

/** Of two sets of sequences together. */
export function mergeStatistics(a: Statistics, b: Statistics): Statistics {
  return {
    sequences: a.sequences + b.sequences,
    length: Math.max(a.length, b.length),
    steps: a.steps.map((one, i) => mergeSteps(one, b.steps[i])),
    output: Math.max(a.output, b.output),
    ...(a.outputs === undefined || b.outputs === undefined
      ? {}
      : { outputs: Math.max(a.outputs, b.outputs) }),
  };
}

/** Whether sequences observed as `one` meet the conditions recorded as `all`. */
export function within(one: Statistics, all: Statistics): boolean {
  return (
    one.length <= all.length &&
    (one.outputs ?? 0) <= (all.outputs ?? Infinity) &&
    one.steps.every((step, i) => stepWithin(step, all.steps[i]))
  );
}

function stepWithin(s: StepStatistics, t: StepStatistics): boolean {
  return (
    s.peak <= t.peak &&
    (s.deviation ?? 0) >= (t.deviation ?? 0) &&
    below(s.rms, t.rms) &&
    below(s.energies, t.energies) &&
    below(s.kept, t.kept) &&
    below(s.activated, t.activated) &&
    below(s.local?.rms, t.local?.rms) &&
    (s.local?.peak ?? 0) <= (t.local?.peak ?? Infinity) &&
    othersWithin(s.others, t.others) &&
    sizesWithin(s.sizes, t.sizes) &&
    sizesWithin(s.block, t.block) &&
    sizesWithin(s.atOutput, t.atOutput)
  );
}

function othersWithin(s: OtherSignals = {}, t: OtherSignals = {}): boolean {
  return (
    (s.near ?? 0) >= (t.near ?? 0) &&
    (s.far ?? 0) >= (t.far ?? 0) &&
    below(t.low, s.low) &&
    below(s.high, t.high) &&
    below(s.kept, t.kept) &&
    below(s.activated, t.activated)
  );
}

function sizesWithin(s: Sizes | undefined, t: Sizes | undefined): boolean {
  return s === undefined || t === undefined || (s.rms <= t.rms && s.peak <= t.peak);
}

function below(a: Float64Array | undefined, b: Float64Array | undefined): boolean {
  return a === undefined || b === undefined || a.every((x, i) => x <= b[i]);
}

/** The conditions widened by a factor, so that sequences like the recorded ones meet them too. */
export function widened(statistics: Statistics, factor: number): Statistics {
  const more = (x: Float64Array | undefined): Float64Array | undefined => x?.map((v) => v * factor);
  const wider = <S extends Sizes>(one: S | undefined): S | undefined =>
    one && { ...one, rms: one.rms * factor, peak: one.peak * factor };
  const steps = statistics.steps.map((s) => {
    const [rms, energies, kept, activated] = [s.rms, s.energies, s.kept, s.activated].map(more);
    const local = s.local && {
      rms: s.local.rms.map((v) => v * factor),
      peak: s.local.peak * factor,
    };
    return only({
      ...{ peak: s.peak * factor, rms, energies, kept, activated, local },
      deviation: s.deviation === undefined ? undefined : s.deviation / factor,
      others: s.others && widerOthers(s.others, factor),
      ...{ sizes: wider(s.sizes), block: wider(s.block), atOutput: wider(s.atOutput) },
    });
  });
  const { outputs } = statistics;
  return { ...statistics, steps, ...(outputs !== undefined && { outputs: outputs * factor }) };
}

function widerOthers({ near, far, low, high, kept, activated }: OtherSignals, factor: number) {
  const side = (x: Float64Array | undefined, sign: number): Float64Array | undefined =>
    x?.map((v, i) => v + sign * ((factor - 1) / 2) * ((high?.[i] ?? v) - (low?.[i] ?? v)));
  return onlyOthers({
    near: near === undefined ? undefined : near / factor,
    far: far === undefined ? undefined : far / factor,
    low: side(low, -1),
    high: side(high, 1),
    kept: kept?.map((v) => v * factor),
    activated: activated?.map((v) => v * factor),
  });
}

/** One step of two sets of sequences. */
export function mergeSteps(a: StepStatistics, b: StepStatistics): StepStatistics {
  const most = (x?: Float64Array, y?: Float64Array): Float64Array | undefined =>
    x && y && x.map((value, i) => Math.max(value, y[i]));
  const [p, q] = [a.local, b.local];
  const local = p &&
    q && { rms: p.rms.map((x, i) => Math.max(x, q.rms[i])), peak: Math.max(p.peak, q.peak) };
  return only({
    peak: Math.max(a.peak, b.peak),
    rms: most(a.rms, b.rms),
    energies: most(a.energies, b.energies),
    kept: most(a.kept, b.kept),
    activated: most(a.activated, b.activated),
    local,
    deviation: least(a.deviation, b.deviation),
    others: a.others && b.others && mergeOthers(a.others, b.others),
    sizes: mergeSizes(a.sizes, b.sizes),
    block: mergeSizes(a.block, b.block),
    atOutput: mergeSizes(a.atOutput, b.atOutput),
  });
}

function mergeSizes<S extends Sizes>(a: S | undefined, b: S | undefined): S | undefined {
  return a && b && { ...a, rms: Math.max(a.rms, b.rms), peak: Math.max(a.peak, b.peak) };
}

/** What several signals meet together. */
export function mergeOthers(a: OtherSignals, b: OtherSignals): OtherSignals {
  const by = (
    x: Float64Array | undefined,
    y: Float64Array | undefined,
    of: (p: number, q: number) => number,
  ): Float64Array | undefined => x && y && x.map((value, i) => of(value, y[i]));
  return onlyOthers({
    near: least(a.near, b.near),
    far: least(a.far, b.far),
    low: by(a.low, b.low, Math.min),
    high: by(a.high, b.high, Math.max),
    kept: by(a.kept, b.kept, Math.max),
    activated: by(a.activated, b.activated, Math.max),
  });
}

function least(x: number | undefined, y: number | undefined): number | undefined {
  return x === undefined || y === undefined ? undefined : Math.min(x, y);
}

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Without what is undefined. */
function only(found: Loose<StepStatistics>): StepStatistics {
  const { peak = Infinity, deviation, ...rest } = found;
  return {
    ...{ peak, ...(deviation === undefined ? {} : { deviation }) },
    ...(defined(rest) as Omit<StepStatistics, 'peak' | 'deviation'>),
  };
}

function onlyOthers(found: Loose<OtherSignals>): OtherSignals {
  return defined(found);
}

function defined(found: object): object {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
