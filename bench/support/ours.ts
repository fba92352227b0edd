import { certifiedError, h2Norm } from '../../src/core/norms/certified';
import { reduceSystem } from '../../src/core/solve/reduce';
import { wrapPhase } from '../../src/core/scalars';
import { undoZeroOrderHold, zeroOrderHold } from '../../src/core/systems/discretise';
import type { ModalSystem } from '../../src/core/systems/modal';
import { methodsIn, ordersOf, type MethodId, type PeerResults, type PerMethod } from './peers';
import { fromJson, type BenchSystem } from './systems';

/** Ours and those of the peers that ran. */
export type Errors = PerMethod & { readonly ours: number };

export interface SolvedOrder {
  readonly order: number;
  /** Relative h² errors over the horizon, all by the same certified evaluation. */
  readonly errors: Errors;
  /** The same after the parameters were rounded to float32, as the layer stores them. */
  readonly stored: Errors;
  readonly seconds: number;
}
export type Solved = readonly SolvedOrder[];

/** A share of the systems with the peers' results for them. */
export interface Share {
  readonly systems: readonly BenchSystem[];
  readonly peers: PeerResults;
  readonly orders: readonly number[];
}

/** Reduces the systems of a share with the recommended solver and evaluates the peers' results alike. */
export function solveShare({ systems, peers, orders }: Share): Solved[] {
  return systems.map((one, i) => {
    const { system, horizon } = one;
    const norm = h2Norm(system, horizon);
    return ordersOf(one, orders).map((order) => {
      const begin = performance.now();
      const ours = reduceSystem(system, { solver: 'newton', slots: order, horizon });
      const seconds = (performance.now() - begin) / 1000;
      const found: [MethodId | 'ours', ModalSystem | undefined][] = [
        ['ours', { ...ours, step: system.step }],
        ...methodsIn(peers[i]).map((id): [MethodId, ModalSystem | undefined] => {
          const modes = peers[i][id]?.[String(order)] ?? null;
          return [id, modes === null ? undefined : fromJson(modes, system.step)];
        }),
      ];
      // a kernel of zeros has the relative error 1: a method that failed or did worse is counted as that
      const errors = (form: (reduced: ModalSystem) => ModalSystem): Errors =>
        Object.fromEntries(
          found.map(([id, reduced]) => [
            id,
            reduced === undefined
              ? 1
              : Math.min(1, certifiedError(system, form(reduced), horizon) / norm),
          ]),
        ) as unknown as Errors;
      return { order, errors: errors((reduced) => reduced), stored: errors(inFloat32), seconds };
    });
  });
}

/** What remains of a system in the parameters of an S4D layer: log(-Re lambda), Im lambda and C in float32. */
function inFloat32(system: ModalSystem): ModalSystem {
  const wrapped = { re: system.poles.re, im: system.poles.im.map(wrapPhase) };
  const { poles, weights } = undoZeroOrderHold({ ...system, poles: wrapped });
  const stored = {
    poles: {
      re: poles.re.map((x) => -Math.exp(Math.fround(Math.log(-x)))),
      im: poles.im.map(Math.fround),
    },
    weights: { re: weights.re.map(Math.fround), im: weights.im.map(Math.fround) },
  };
  return zeroOrderHold(stored, system.step);
}
