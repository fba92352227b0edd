import { SsmError } from '../../core/errors';
import type { EngineTrial, SearchEngineId } from '../../protocol/engines';
import { openDevice, type DeviceOptions } from './device/client';
import type { SearchEngine, SearchKind } from './searchEngine';
import { selfTest } from './selfTest';
import { tensorFlowNeeds } from './tfjs/load';

/** Opens an engine; the process of a device by default. */
export type OpenEngine = (id: SearchEngineId) => Promise<SearchEngine>;

export function openerFor(options: DeviceOptions): OpenEngine {
  return (id) => openDevice(id, options);
}

/** An engine that may be used, and what was found out about it; or that alone. */
export interface Tried {
  readonly trial: EngineTrial;
  readonly engine?: SearchEngine;
}

/** Opens an engine and tests it for the kinds of searches that it is wanted for, all if nothing is said. Never rejects: what goes wrong is the verdict. */
export async function tryEngine(
  id: SearchEngineId,
  open: OpenEngine,
  kinds?: readonly SearchKind[],
): Promise<Tried> {
  let engine: SearchEngine | undefined;
  try {
    engine = await open(id);
    const { device } = engine;
    const result = await selfTest(engine, kinds);
    const trial = { engine: id, device, selfTest: result };
    if (!result.passed) {
      await engine.dispose();
      return { trial: { ...trial, usable: false, verdict: 'It failed its self-test.' } };
    }
    return { engine, trial: { ...trial, usable: true, verdict: verdictOf(engine) } };
  } catch (error) {
    await engine?.dispose();
    return { trial: { engine: id, usable: false, verdict: reasonOf(error) } };
  }
}

function verdictOf({ id, device }: SearchEngine): string {
  switch (device.kind) {
    case 'gpu':
      return 'It passed its self-test.';
    case 'software':
      return 'It passed its self-test, on a device in software: that is no GPU.';
    case 'cpu':
      return id === 'tfjs'
        ? `It passed its self-test, but on the processor; a GPU needs ${tensorFlowNeeds}.`
        : 'It passed its self-test, but on the processor.';
  }
}

/** What went wrong, in one line. */
export function reasonOf(error: unknown): string {
  const message = SsmError.is(error) || error instanceof Error ? error.message : String(error);
  return message.split('\n')[0];
}
