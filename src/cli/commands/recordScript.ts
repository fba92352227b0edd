import { openInput } from '../../worker/checkpointInput';
import { layersOf } from '../../worker/inspect';
import { recordScript } from '../../worker/recordScript';
import type { Terminal } from '../terminal';

/** `ssm record-script FILE`: prints the Python script that records what the file's layers receive. */
export async function recordScriptCommand(file: string, terminal: Terminal): Promise<void> {
  const source = await openInput(file);
  try {
    const checkpoint = await source.checkpoint(terminal.signal);
    terminal.print(recordScript(layersOf(checkpoint)).trimEnd());
  } finally {
    await source.close();
  }
}
