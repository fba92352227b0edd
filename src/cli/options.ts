import { InvalidArgumentError } from 'commander';
import type { PaperHorizon } from '../core/solve/horizons';
import { solverIds, type SolverId } from '../core/solve/solver';
import { allocationWeights, type AllocationWeights } from '../protocol/allocation';
import { calibrationParts, type CalibrationPart } from '../protocol/calibration';

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

/** "disc=zoh" or "layer:disc=zoh", repeatable: collects { disc: 'zoh' }. The name ends at the last equals sign. */
export function collectSetting(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [key, value] = splitAtLast(text, '=');
  if (key === '' || value === '') {
    throw new InvalidArgumentError('A setting is written name=value, or layer:name=value.');
  }
  return { ...before, [key]: value };
}

/** "s4_layers.0=16", repeatable: collects { 's4_layers.0': 16 }. */
export function collectLayerOrder(
  text: string,
  before: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  const [layer, order] = splitAtLast(text, '=');
  if (layer === '') throw new InvalidArgumentError('An order of a layer is written layer=order.');
  return { ...before, [layer]: parseOrder(order) };
}

/** "2,4,8" → [2, 4, 8] */
export function parseOrders(text: string): number[] {
  return text.split(',').map(parseOrder);
}

/** "1" or "0.5": points of accuracy. */
export function parsePoints(text: string): number {
  const points = /^(\d+(?:\.\d*)?|\.\d+)$/.test(text.trim()) ? Number(text) : NaN;
  if (points >= 0 && points < 100) return points;
  throw new InvalidArgumentError('A loss of accuracy is given in points: 1, or 0.5.');
}

/** How many sequences, 2 or more. */
export function parseSequences(text: string): number {
  const count = wholeNumber(text, 'The number of sequences is a whole number ≥ 2.');
  if (count >= 2) return count;
  throw new InvalidArgumentError('The number of sequences is a whole number ≥ 2.');
}

/** "norms,decoder": parts of a calibration to leave out. */
export function parseParts(text: string): CalibrationPart[] {
  return text.split(',').map((name) => {
    const part = calibrationParts.find((one) => one === name.trim());
    if (part !== undefined) return part;
    throw new InvalidArgumentError(`The parts are ${calibrationParts.join(', ')}.`);
  });
}

/** What orders are shared out by. */
export function parseWeights(text: string): AllocationWeights {
  const weights = allocationWeights.find((one) => one === text.trim());
  if (weights !== undefined) return weights;
  throw new InvalidArgumentError(`Orders are shared out by ${allocationWeights.join(', ')}.`);
}

function splitAtLast(text: string, separator: string): [before: string, after: string] {
  const at = text.lastIndexOf(separator);
  return at < 0 ? ['', text] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
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

const tauNames: Readonly<Record<PaperHorizon, string>> = {
  'L Delta': 'L-delta',
  L: 'L',
  '10 L': '10L',
  infinite: 'inf',
};

/** A continuous horizon as it is typed. */
export function showTau(tau: PaperHorizon): string {
  return tauNames[tau];
}

export function parseTau(text: string): PaperHorizon {
  const name = text.trim().toLowerCase();
  const horizons = Object.keys(tauNames) as PaperHorizon[];
  const tau = horizons.find((horizon) => tauNames[horizon].toLowerCase() === name);
  if (tau !== undefined) return tau;
  throw new InvalidArgumentError(`The horizons are ${Object.values(tauNames).join(', ')}.`);
}

function wholeNumber(text: string, complaint: string): number {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  if (value >= 1) return value;
  throw new InvalidArgumentError(complaint);
}

/** A number above 0. */
export function parsePositive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('It is no positive number.');
  }
  return value;
}
