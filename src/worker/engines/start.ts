import { join } from 'node:path';
import type { EngineRequest } from '../../protocol/engines';
import type { Engine } from '../engine';
import { startEngine } from '../threadPool';
import { AcceleratedEngine } from './acceleratedEngine';
import { openerFor } from './trial';

/**
 * Where the packages of engines lie if nobody says: in `SSM_ENGINES_FOLDER`, else where this program is installed. Never
 * in the working directory, whose code is not to be trusted.
 */
export function enginesFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const setting = environment.SSM_ENGINES_FOLDER;
  return setting === undefined || setting === '' ? join(__dirname, '..') : setting;
}

/** Starts the processor's threads with the engine that is wanted beside them, for about so many systems. */
export async function startBeside(
  request: EngineRequest | undefined,
  expected: number,
): Promise<Engine> {
  return withSearchEngine(await startEngine(), request, expected);
}

/**
 * Puts the engine that is wanted beside the processor's threads; `auto` if nothing is said.
 *
 * @param expected systems that will be reduced
 */
export function withSearchEngine(
  inner: Engine,
  { choice, folder = enginesFolder() }: EngineRequest = { choice: 'auto' },
  expected: number,
): Engine {
  if (choice === 'cpu') return inner;
  return new AcceleratedEngine(inner, { choice, expected, open: openerFor({ folder }) });
}
