import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/formats/memory';
import { encodeNpy } from '../../src/formats/npy';
import { openCheckpoint } from '../../src/formats/open';
import { latin1, torchZipOf, zipOf } from '../support/torchZip';

async function refusal(bytes: Uint8Array): Promise<unknown> {
  return openCheckpoint(memorySource('x', bytes)).then(
    () => 'accepted',
    (error: unknown) => error,
  );
}

describe('files that are no checkpoints are named for what they are', () => {
  const NONE = latin1('\x80\x02N.');
  it.each<[string, () => Uint8Array | Promise<Uint8Array>, RegExp]>([
    ['nothing', () => new Uint8Array(0), /empty/],
    ['one byte', () => latin1('x'), /neither/],
    ['text', () => latin1('hello, this is text'), /neither/],
    ['a bare pickle', () => NONE, /bare pickle/],
    ['HDF5', () => latin1('\x89HDF\r\n\x1a\n'), /HDF5/],
    [
      'a NumPy array',
      () => encodeNpy({ dtype: 'int8', shape: [1], values: Float64Array.of(1) }),
      /NumPy array/,
    ],
    ['a gzip archive', () => latin1('\x1f\x8b\x08'), /gzip/],
    ['JSON', () => latin1('{"weight_map": {}}'), /JSON/],
    ['msgpack without arrays', () => latin1('\x81\xa6params\x80'), /msgpack/],
    ['an orbax checkpoint', () => latin1('\x81\xa1a\xafPLACEHOLDER://a'), /orbax/],
    ['a Git LFS pointer', () => latin1('version https://git-lfs.github.com/spec/v1\n'), /Git LFS/],
    ['an empty zip', () => latin1(`PK\x05\x06${'\0'.repeat(18)}`), /empty zip/],
    ['another zip', () => zipOf({ 'word/document.xml': NONE }), /not one that torch.save wrote/],
  ])('%s', async (_, bytes, message) => {
    const error = await refusal(await bytes());
    expect(error).toMatchObject({ reason: 'unsupported-file' });
    expect((error as Error).message).toMatch(message);
  });
});

it('a cancelled opening is refused as cancelled', async () => {
  const source = memorySource('x', await torchZipOf(latin1('\x80\x02N.')));
  await expect(openCheckpoint(source, AbortSignal.abort())).rejects.toMatchObject({
    reason: 'cancelled',
  });
});
