import * as vscode from 'vscode';
import type { PaperHorizon } from '../../core/solve/horizons';
import { solverIds } from '../../core/solve/solver';
import type { SolverId } from '../../core/solve/solver';
import { showName } from '../../protocol/shown';
import type { CompressParams } from '../../protocol/worker';
import { defaultSolver } from '../platform/config';
import { back, choose } from '../platform/steps';
import type { Ask, Choice, StepPlace } from '../platform/steps';

const { t } = vscode.l10n;

/** The solver, and for Algorithm 1 the time over which it minimises. */
export type Method = Pick<CompressParams, 'solver' | 'tau' | 'keepStaticGain'>;

export async function askMethod(place: StepPlace): ReturnType<Ask<Method>> {
  for (;;) {
    const solver = await choose(place, t('Which solver?'), solverItems());
    if (solver === undefined || solver === back) return solver;
    if (solver === staticGain) return { solver: 'newton', keepStaticGain: true };
    if (solver !== 'algorithm1') return { solver };
    const sub = { ...place, canGoBack: true };
    const tau = await choose(
      sub,
      t('Over which time τ does Algorithm 1 minimise the error?'),
      tauItems(),
    );
    if (tau !== back) return tau === undefined ? undefined : { solver, tau };
  }
}

/** The recommended solver, and then weights that keep the static gain. */
const staticGain = 'static gain';

function solverItems(): Choice<SolverId | typeof staticGain>[] {
  const first = defaultSolver();
  const ids = [first, ...solverIds.filter((id) => id !== first)];
  const items = ids.map((id) => ({ ...solverTexts()[id], value: id }));
  const kept: Choice<typeof staticGain> = {
    label: t('Newton Steps, Static Gain Kept'),
    description: t('larger h² error; for layers whose inputs have a mean, where there is no data'),
    value: staticGain,
  };
  return [...items.slice(0, 2), kept, ...items.slice(2)];
}

/** A solver's name for a person. */
export function solverTitle(solver: string): string {
  const id = solverIds.find((one) => one === solver);
  return id === undefined ? showName(solver, 40) : solverTexts()[id].label;
}

function solverTexts(): Record<SolverId, { label: string; description: string }> {
  return {
    newton: {
      label: t('Variable Projection with Newton Steps'),
      description: t('recommended; smallest error'),
    },
    balanced: {
      label: t('Balanced Truncation'),
      description: t('fastest; no optimisation after it'),
    },
    algorithm1: {
      label: t('Algorithm 1'),
      description: t('for comparison; gradient descent of the h² model reduction papers'),
    },
    irka: {
      label: t('IRKA'),
      description: t('for comparison; interpolation, over infinite time'),
    },
    'tf-irka': {
      label: t('TF-IRKA'),
      description: t('for comparison; the same iteration, over the horizon'),
    },
  };
}

function tauItems(): Choice<PaperHorizon>[] {
  return [
    { value: 'L Delta', label: 'τ = L Δ', description: t('recommended; what the network runs') },
    { value: 'L', label: 'τ = L', description: t('the number of steps as a time') },
    { value: '10 L', label: 'τ = 10 L', description: t('ten times that') },
    { value: 'infinite', label: 'τ = ∞', description: t('infinite time; needs stable poles') },
  ];
}
