import { SsmError } from '../core/errors';
import type { WireError } from '../protocol/rpc';

/** The error that travelled, as thrown on the other side. */
export function fromWire({ reason, message, file, place, stack }: WireError): SsmError {
  const error = new SsmError(reason, message, {
    ...(file === undefined ? {} : { file }),
    ...(place === undefined ? {} : { place }),
  });
  if (stack !== undefined) error.stack = stack;
  return error;
}
