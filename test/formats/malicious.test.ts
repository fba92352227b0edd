import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/formats/byteSource';
import { memorySink, memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';
import { zipOf } from '../support/torchZip';
import { maliciousFiles } from '../support/malicious';

/** Sound files, however odd: they open, and what would harm is refused when it is asked for. */
const OPEN = new Set([
  'a hundred thousand nested calls',
  'lists that double sixty times',
  'a hundred thousand memo entries',
  'a long number of a million digits',
  'a long number of a million bytes',
  'a tensor repeated to a terabyte',
  'a key of a megabyte',
  'a deflated gigabyte',
]);

const files = await maliciousFiles();

/** How many bytes are read, beside the source. */
function counting(bytes: Uint8Array): { source: ByteSource; read: () => number } {
  const inner = memorySource('x', bytes);
  let read = 0;
  const source: ByteSource = {
    ...inner,
    read(offset, length, signal) {
      read += length;
      return inner.read(offset, length, signal);
    },
  };
  return { source, read: () => read };
}

describe('a file made to harm', () => {
  it.each([...files])('does not: %s', async (name, bytes) => {
    const { source, read } = counting(bytes);
    const outcome = await openCheckpoint(source).then(
      async (checkpoint) => {
        for (const tensor of checkpoint.tensors)
          if (/terabyte|gigabyte/.test(name))
            await expect(checkpoint.readTensor(tensor.name)).rejects.toMatchObject({
              reason: 'unsupported-file',
            });
        await checkpoint.rewrite(
          { tensors: [], settings: [], dropOptimizerState: true },
          memorySink(),
        );
        return 'opened';
      },
      (error: unknown) => error,
    );
    if (OPEN.has(name)) expect(outcome).toBe('opened');
    else
      expect(outcome).toMatchObject({
        reason: expect.stringMatching(/^(bad-file|unsupported-file)$/) as string,
      });
    expect(read()).toBeLessThan(5 * bytes.length + 100_000);
    expect(existsSync('/tmp/harmed')).toBe(false);
  });

  it.each(['../x', '/x', 'a/../x', 'a\\x', 'C:x', 'a\0x', './x'])(
    'has no entry of the name %j',
    async (name) => {
      const bytes = await zipOf({ 'archive/data.pkl': new Uint8Array(2), [name]: bytesOf(name) });
      await expect(openCheckpoint(memorySource('x', bytes))).rejects.toMatchObject({
        reason: 'bad-file',
      });
    },
  );
});

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
