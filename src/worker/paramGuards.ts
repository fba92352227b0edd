import { paperHorizons } from '../core/solve/horizons';
import { solverIds } from '../core/solve/solver';
import type { CompressionTarget, CompressParams, WorkerMethods } from '../protocol/worker';

/** Checks on what the other process asks. */

export function isHello(value: unknown): value is WorkerMethods['hello']['params'] {
  return isRecord(value) && typeof value.protocolVersion === 'number';
}

export function isFileParams(value: unknown): value is { readonly file: string } {
  return isRecord(value) && typeof value.file === 'string';
}

export function isCompressParams(value: unknown): value is CompressParams {
  return (
    isRecord(value) &&
    typeof value.file === 'string' &&
    typeof value.output === 'string' &&
    isTarget(value.target) &&
    isHorizon(value.horizon) &&
    solverIds.some((id) => id === value.solver) &&
    (value.tau === undefined || paperHorizons.some((name) => name === value.tau)) &&
    typeof value.overwrite === 'boolean'
  );
}

function isTarget(value: unknown): value is CompressionTarget {
  return isRecord(value) && typeof ('order' in value ? value.order : value.remove) === 'number';
}

function isHorizon(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
