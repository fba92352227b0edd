import { readFileSync, writeFileSync } from 'node:fs';
import type { Checkpoint, CheckpointEdits, RewriteSummary } from '../../src/formats/checkpoint';
import { memorySink, memorySource } from '../../src/formats/memory';
import { openCheckpoint } from '../../src/formats/open';

/** Opens the file, rewrites it with the edits to `target`, and gives the summary. */
export async function rewriteFile(
  file: string,
  target: string,
  edits: (checkpoint: Checkpoint) => Partial<CheckpointEdits>,
): Promise<RewriteSummary> {
  const checkpoint = await openFile(file);
  const sink = memorySink();
  const wanted = { tensors: [], settings: [], dropOptimizerState: false, ...edits(checkpoint) };
  const summary = await checkpoint.rewrite(wanted, sink);
  writeFileSync(target, sink.bytes());
  return summary;
}

export async function openFile(file: string): Promise<Checkpoint> {
  return openCheckpoint(memorySource(file, readFileSync(file)));
}
