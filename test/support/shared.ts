import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Material that is too large or not ours to keep in the repository: real and generated checkpoints, trained models. */
const folder = process.env.SSM_SHARED ?? resolve(import.meta.dirname, '../../../shared');

/**
 * Whether that material is here. Suites that need it say `describe.skipIf(!sharedAvailable)`. Where it must be here
 * (CI=true) its absence is an error; elsewhere it is announced, so that nothing is skipped silently.
 */
export const sharedAvailable = existsSync(folder);

if (!sharedAvailable) {
  const message = `The shared material is not at ${folder}. Set SSM_SHARED to its place.`;
  if (process.env.CI === 'true') throw new Error(message);
  // eslint-disable-next-line no-console
  console.warn(`\n*** SKIPPED: ${message} ***\n`);
}

/** A path inside the shared material: `sharedPath('trained', 's4d_smnist', 's4d_smnist.pt')`. */
export function sharedPath(...parts: readonly string[]): string {
  return join(folder, ...parts);
}
