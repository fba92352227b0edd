import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { SsmError } from '../../core/errors';
import { cannotRead } from '../fileErrors';

/** A line longer than this is not one of a file of examples. */
const longestLine = 16 * 2 ** 20;

/** The lines of a text file, unpacked where its name ends with .gz, one at a time. Empty ones are left out. */
export async function* linesOf(path: string, signal?: AbortSignal): AsyncGenerator<string> {
  const file = createReadStream(path, signal === undefined ? {} : { signal });
  const unpacked = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // a pipe does not pass errors on
  file.on('error', (error) => unpacked.destroy(error));
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > longestLine)
        throw new SsmError('bad-file', 'A line is too long.', { file: path });
      for (const line of lines) if (line.trim() !== '') yield line;
    }
  } catch (error) {
    if (signal?.aborted === true) throw new SsmError('cancelled', 'The operation was cancelled.');
    throw SsmError.is(error) ? error : cannotRead(error, path);
  } finally {
    file.destroy();
  }
  if (rest.trim() !== '') yield rest;
}
