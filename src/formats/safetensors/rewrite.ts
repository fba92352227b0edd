import { SsmError } from '../../core/errors';
import type { ByteSink, ByteSource } from '../byteSource';
import type { CheckpointEdits, RewriteSummary } from '../checkpoint';
import { copyRange } from '../copy';
import { checkTensorEdits, encodeTensor } from '../edits';
import { concatenate } from '../memory';
import {
  inFileOrder,
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  METADATA_KEY,
  safetensorsDType,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './header';
import { editMetadata } from './settings';

/**
 * Writes the file with the edits: a new header with the names in their old order, then the tensors in their old order,
 * the unedited ones copied. The format knows no optimizers, so that there is no state to drop.
 */
export async function rewriteSafetensors(
  source: ByteSource,
  header: SafetensorsHeader,
  edits: CheckpointEdits,
  sink: ByteSink,
  signal?: AbortSignal,
): Promise<RewriteSummary> {
  const metadata = editMetadata(header.metadata, edits.settings);
  const placed = place(header.entries, edits);
  await sink.write(headerBytes(metadata, placed, header.entries), signal);
  for (const { entry, bytes } of placed.values()) {
    if (bytes !== undefined) await sink.write(bytes, signal);
    else
      await copyRange(
        source,
        header.dataOffset + entry.begin,
        entry.end - entry.begin,
        sink,
        signal,
      );
  }
  return { droppedOptimizerStates: [] };
}

interface Placed {
  readonly entry: SafetensorsEntry;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
  /** New contents; undefined where the old ones are copied. */
  readonly bytes: Uint8Array | undefined;
}

/** The tensors by name, in file order, at their new places. */
function place(entries: readonly SafetensorsEntry[], edits: CheckpointEdits): Map<string, Placed> {
  const edited = checkTensorEdits(
    entries.map(({ info }) => info),
    edits.tensors,
  );
  const placed = new Map<string, Placed>();
  let begin = 0;
  for (const entry of inFileOrder(entries)) {
    const { name } = entry.info;
    const tensor = edited.get(name);
    const dtype = safetensorsDType((tensor ?? entry.info).dtype);
    if (dtype === undefined)
      throw new SsmError('bad-request', 'The format has no such element type.', {
        place: `tensor ${JSON.stringify(name)}`,
      });
    const bytes = tensor === undefined ? undefined : encodeTensor(name, tensor, true);
    const end = begin + (bytes?.length ?? entry.end - entry.begin);
    placed.set(name, { entry, dtype, shape: (tensor ?? entry.info).shape, begin, end, bytes });
    begin = end;
  }
  return placed;
}

function headerBytes(
  metadata: ReadonlyMap<string, string> | undefined,
  placed: ReadonlyMap<string, Placed>,
  order: readonly SafetensorsEntry[],
): Uint8Array {
  const members = order.map(({ info }) => {
    const { dtype, shape, begin, end } = placed.get(info.name)!;
    return member(info.name, JSON.stringify({ dtype, shape, data_offsets: [begin, end] }));
  });
  if (metadata !== undefined) {
    const texts = [...metadata].map(([key, value]) => member(key, JSON.stringify(value)));
    members.unshift(member(METADATA_KEY, `{${texts.join(',')}}`));
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const padding = (LENGTH_BYTES - (json.length % LENGTH_BYTES)) % LENGTH_BYTES;
  const length = json.length + padding;
  if (length > MAX_HEADER_BYTES)
    throw new SsmError('bad-request', 'The new header would be longer than the format allows.');
  const prefix = new Uint8Array(LENGTH_BYTES);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(length), true);
  return concatenate([prefix, json, new Uint8Array(padding).fill(0x20)]);
}

/** Built by hand: an object would move names that look like numbers to the front, and lose "__proto__". */
function member(key: string, json: string): string {
  return `${JSON.stringify(key)}:${json}`;
}
