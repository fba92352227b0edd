import { recordScriptOf } from '../../worker/recording';
import type { Terminal } from '../terminal';

/** `ssm record-script FILE`: prints the Python script that records what the file's layers receive. */
export async function recordScriptCommand(file: string, terminal: Terminal): Promise<void> {
  const { script } = await recordScriptOf({ file }, terminal.signal);
  terminal.print(script.trimEnd());
}
