import type { NetworkInput, Op } from '../../core/network/network';
import type { Parts } from './parts';

/** A linear map of features, or a table of tokens: it has no bias and is vocabulary × width. */
export function encoder(
  parts: Parts,
  prefix: string,
  width: number,
): { input: NetworkInput; op: Op } {
  const [rows, cols] = parts.shape(`${prefix}.weight`);
  if (parts.has(`${prefix}.bias`) || (rows === width && cols !== width)) {
    const op = parts.linear(prefix, 'encoder', { outputs: width });
    return { input: { kind: 'values', width: op.inputs }, op };
  }
  const op = parts.embedding(prefix, width);
  return { input: { kind: 'tokens', vocabulary: rows }, op };
}
