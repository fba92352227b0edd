import { certifiedError, h2Norm } from '../../src/core/norms/certified';
import { reduceSystem } from '../../src/core/solve/reduce';
import type { ModalSystem } from '../../src/core/systems/modal';
import { methods, ordersOf, type MethodId, type PeerResults } from './peers';
import { fromJson, type BenchSystem } from './systems';

export interface SolvedOrder {
  readonly order: number;
  /** Relative h² errors over the horizon, all by the same certified evaluation. */
  readonly errors: Readonly<Record<MethodId | 'ours', number>>;
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
    const relative = (reduced: ModalSystem): number =>
      certifiedError(system, reduced, horizon) / norm;
    return ordersOf(one, orders).map((order) => {
      const begin = performance.now();
      const { poles, weights } = reduceSystem(system, { solver: 'newton', slots: order, horizon });
      const seconds = (performance.now() - begin) / 1000;
      const errors: Partial<Record<MethodId | 'ours', number>> = {
        ours: relative({ poles, weights, step: system.step }),
      };
      for (const id of Object.keys(methods) as MethodId[]) {
        const found = peers[i][id][String(order)];
        // a kernel of zeros has the relative error 1: a peer that failed or did worse is counted as that
        errors[id] = found === null ? 1 : Math.min(1, relative(fromJson(found, system.step)));
      }
      return { order, errors: errors as SolvedOrder['errors'], seconds };
    });
  });
}
