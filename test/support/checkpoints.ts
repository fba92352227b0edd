import { readdirSync } from 'node:fs';
import { sharedPath } from './shared';

/** Listed and refused: there is nothing to rewrite. */
const REFUSED = /^(whole_module|torchscript)/;

/** Every torch checkpoint of the shared material: real, generated and trained. */
export function torchCheckpoints(): string[] {
  return checkpoints(/\.(pt|pth|ckpt)$/);
}

/** Every safetensors file of the shared material. */
export function safetensorsCheckpoints(): string[] {
  return checkpoints(/\.safetensors$/);
}

function checkpoints(pattern: RegExp): string[] {
  return [sharedPath('checkpoints'), sharedPath('trained')].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && pattern.test(entry.name))
      .filter((entry) => !REFUSED.test(entry.name))
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      .sort(),
  );
}
