import { SsmError } from '../../errors';
import type { EmbeddingOp } from '../network';

/** Row `token` of the table at every position. Throws `bad-request` for a token that the vocabulary does not have. */
export function embedding(op: EmbeddingOp, tokens: Float64Array): Float64Array {
  const { width, table } = op;
  const length = tokens.length;
  const vocabulary = table.values.length / width;
  const y = new Float64Array(width * length);
  for (let t = 0; t < length; t++) {
    const token = tokens[t];
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
      throw new SsmError(
        'bad-request',
        `Token ${token} at position ${t}: the model's vocabulary has the tokens 0 to ${vocabulary - 1}.`,
      );
    }
    for (let h = 0; h < width; h++) y[h * length + t] = table.values[token * width + h];
  }
  return y;
}
