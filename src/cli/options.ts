import { InvalidArgumentError } from 'commander';
import { solverIds, type SolverId } from '../core/solve/solver';

/** What people may type behind an option, and what it means. A value that means nothing is a usage error. */

export function parseOrder(text: string): number {
  return wholeNumber(text, 'The order is a whole number ≥ 1.');
}

/** "0.3" or "30%" → 0.3 */
export function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*(%?)$/.exec(text.trim());
  const share = Number(match?.[1]) / (match?.[2] === '%' ? 100 : 1);
  if (share > 0 && share < 1) return share;
  throw new InvalidArgumentError('The share lies between 0 and 1: 0.3, or 30%.');
}

/** Steps, or Infinity for "inf". */
export function parseHorizon(text: string): number {
  if (/^inf(inite|inity)?$/i.test(text.trim())) return Infinity;
  return wholeNumber(text, 'The horizon is a whole number of steps ≥ 1, or inf.');
}

export function parseSolver(text: string): SolverId {
  const solver = solverIds.find((id) => id === text.trim());
  if (solver !== undefined) return solver;
  throw new InvalidArgumentError(`The solvers are ${solverIds.join(', ')}.`);
}

function wholeNumber(text: string, complaint: string): number {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  if (value >= 1) return value;
  throw new InvalidArgumentError(complaint);
}
