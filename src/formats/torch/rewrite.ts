import type { ByteSink, ByteSource } from '../byteSource';
import type { CheckpointEdits, RewriteSummary } from '../checkpoint';
import { encodeTensor } from '../edits';
import type { PickleProgram } from '../pickle/nodes';
import { splice } from '../pickle/splice';
import { unpickle } from '../pickle/unpickle';
import { writeZip, type ZipMember } from '../zip/writer';
import type { Contents } from './contents';
import { planRewrite, type Plan } from './plan';
import { storageKeysIn } from './storageKeys';
import { verifyRewrite } from './verify';

/** A torch file as the archive that it is, or is to become. */
export interface ArchivePlan {
  readonly source: ByteSource;
  readonly littleEndian: boolean;
  /** The folder of all entries. */
  readonly root: string;
  /** In the order of the archive, data.pkl among them. */
  readonly members: readonly ZipMember[];
  /** data.pkl; its contents are replaced by the patched pickle. */
  readonly pickle: ZipMember;
  readonly storages: ReadonlyMap<string, ZipMember>;
}

/**
 * Writes the archive with the edits: data.pkl is patched, the storages of edited tensors are replaced, storages that
 * nothing refers to any more are left out, everything else is copied. The patched pickle is read again and compared with
 * what was asked for before the first byte is written.
 */
export async function rewriteTorchArchive(
  archive: ArchivePlan,
  program: PickleProgram,
  contents: Contents,
  edits: CheckpointEdits,
  sink: ByteSink,
  signal?: AbortSignal,
): Promise<RewriteSummary> {
  const plan = planRewrite(program, contents, archive.storages.keys(), edits);
  const pickle = splice(program, plan.replacements);
  const written = unpickle(pickle);
  verifyRewrite(written.root, program.root, contents, edits);
  const before = new Set(storageKeysIn(program));
  const after = new Set(storageKeysIn(written));
  const unused = new Set([...before].filter((key) => !after.has(key)));
  await writeZip(newMembers(archive, pickle, plan, unused), archive.source, sink, signal);
  return { droppedOptimizerStates: plan.droppedOptimizerStates };
}

/** The entries of the new archive in the order of the old one; new storages at the end. */
function newMembers(
  archive: ArchivePlan,
  pickle: Uint8Array,
  { storages }: Plan,
  unused: ReadonlySet<string>,
): ZipMember[] {
  const fresh = new Map(
    [...storages].map(([key, { name, tensor }]) => [
      key,
      encodeTensor(name, tensor, archive.littleEndian),
    ]),
  );
  const keys = new Map([...archive.storages].map(([key, member]) => [member, key]));
  const kept = archive.members.flatMap((member): ZipMember[] => {
    const key = keys.get(member);
    if (member === archive.pickle) return [{ ...member, contents: pickle }];
    if (key === undefined) return [member];
    return unused.has(key) ? [] : [{ ...member, contents: fresh.get(key) ?? member.contents }];
  });
  const added = [...fresh].filter(([key]) => !archive.storages.has(key));
  return [...kept, ...added.map(([key, bytes]) => newMember(archive, key, bytes))];
}

function newMember({ root, pickle }: ArchivePlan, key: string, contents: Uint8Array): ZipMember {
  const { modified, externalAttributes } = pickle;
  const nameBytes = new TextEncoder().encode(`${root}/data/${key}`);
  return { nameBytes, modified, externalAttributes, contents };
}
