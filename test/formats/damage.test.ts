import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SsmError } from '../../src/core/errors';
import { memorySink, memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';
import { Op } from '../../src/formats/pickle/opcodes';
import { unpickle } from '../../src/formats/pickle/unpickle';
import { contentsOffset, readZipDirectory } from '../../src/formats/zip/directory';
import { shrinkingEdits } from '../support/edits';
import { torchZipOf } from '../support/torchZip';
import { sharedAvailable, sharedPath } from '../support/shared';

/** Fixed, so that a failure found once is found again. */
const SEED = 20240607;

/** Opens, reads everything and rewrites. Nothing but typed errors may come out, and none that blames this program. */
async function useUp(bytes: Uint8Array): Promise<'read' | 'refused'> {
  try {
    const checkpoint = await openCheckpoint(memorySource('damaged', bytes));
    for (const { name } of checkpoint.tensors) await checkpoint.readTensor(name).catch(typed);
    await checkpoint.rewrite(shrinkingEdits(checkpoint), memorySink()).catch(typed);
    return 'read';
  } catch (error) {
    typed(error);
    return 'refused';
  }
}

function typed(error: unknown): void {
  if (!SsmError.is(error)) throw error;
  expect(['bad-file', 'unsupported-file', 'bad-request']).toContain(error.reason);
  expect(error.describe()).not.toBe('');
}

function generated(...path: string[]): Uint8Array {
  return new Uint8Array(readFileSync(sharedPath('checkpoints', 'generated', ...path)));
}

describe.skipIf(!sharedAvailable)('damaged checkpoints', () => {
  const files = sharedAvailable
    ? {
        'zip_all.pt': generated('pitfalls', 'zip_all.pt'),
        'zip_proto4.pt': generated('pitfalls', 'zip_proto4.pt'),
        'lru_gothos.ckpt': generated('lru_gothos_in4_out5_ds7.ckpt'),
        'dss_exp.safetensors': generated('dss_exp_H8_N16.safetensors'),
      }
    : {};

  describe.each(Object.entries(files))('%s', (name, original) => {
    it('is read while it is whole', async () => {
      expect(await useUp(original)).toBe('read');
    });

    it('is refused wherever it is cut', async () => {
      const cuts = [...boundaries(original, name), ...range(0, original.length - 1, 37)];
      for (const length of new Set(cuts))
        if (length < original.length)
          expect(await useUp(original.slice(0, length))).toBe('refused');
    });

    it('gives a typed error or a result with bits flipped and bytes overwritten', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), {
            minLength: 1,
            maxLength: 8,
          }),
          async (changes) => {
            const bytes = original.slice();
            for (const [at, value] of changes) bytes[at] = value;
            await useUp(bytes);
          },
        ),
        { seed: SEED, numRuns: 300 },
      );
    });

    it('gives a typed error or a result with pieces moved, repeated and removed', async () => {
      const position = fc.nat(original.length - 1);
      await fc.assert(
        fc.asyncProperty(position, fc.nat(200), position, async (from, length, to) => {
          const piece = original.slice(from, from + length);
          const rest = [...original.slice(0, from), ...original.slice(from + length)];
          await useUp(Uint8Array.from(rest));
          rest.splice(to, 0, ...piece);
          await useUp(Uint8Array.from(rest));
        }),
        { seed: SEED, numRuns: 100 },
      );
    });
  });

  it('the pickle alone, damaged in every way, inside a sound archive', async () => {
    const source = memorySource('x', generated('lru_gothos_in4_out5_ds7.ckpt'));
    const entries = await readZipDirectory(source);
    const [first] = entries;
    const pickle = await source.read(await contentsOffset(source, first), first.size);
    expect(() => unpickle(pickle)).not.toThrow();
    const storages = Object.fromEntries(
      entries.flatMap(({ name, size }) => {
        const key = /\/data\/(.*)$/.exec(name)?.[1];
        return key === undefined ? [] : [[key, new Uint8Array(size)]];
      }),
    );
    const interesting = fc.oneof(fc.nat(255), fc.constantFrom(...Object.values(Op)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(pickle.length - 1), interesting), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          const damaged = pickle.slice();
          for (const [at, value] of changes) damaged[at] = value;
          await useUp(await torchZipOf(damaged, storages));
        },
      ),
      { seed: SEED, numRuns: 1500 },
    );
  }, 60_000);
});

it('noise is never more than refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (noise, zipped) => {
      await useUp(noise);
      if (zipped) await useUp(await torchZipOf(noise));
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

function range(from: number, to: number, step: number): number[] {
  const numbers: number[] = [];
  for (let at = from; at < to; at += step) numbers.push(at);
  return numbers;
}

/** Around every zip record, or around the header of a safetensors file. */
function boundaries(bytes: Uint8Array, name: string): number[] {
  if (name.endsWith('.safetensors')) return [0, 1, 7, 8, 9, 100, bytes.length - 1];
  const starts = range(0, bytes.length - 1, 1).filter(
    (at) => bytes[at] === 0x50 && bytes[at + 1] === 0x4b && bytes[at + 2] < 8,
  );
  return starts.flatMap((at) => [at - 1, at, at + 1, at + 4, at + 30]);
}
