import { searchEngineIds, type EngineTrial } from '../../protocol/engines';
import type { OpenEngine } from './trial';
import { tryEngine } from './trial';

/** Tries every engine that there can be, closes it again, and tells what came of it. Never rejects. */
export async function listEngines(open: OpenEngine): Promise<EngineTrial[]> {
  const trials: EngineTrial[] = [];
  for (const id of searchEngineIds) {
    const { trial, engine } = await tryEngine(id, open);
    await engine?.dispose();
    trials.push(trial);
  }
  return trials;
}
