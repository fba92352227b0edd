/** Compresses the sample checkpoint with the command line, as README shows it. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { must, root } from './run.mjs';

const name = 's4d-smnist';
mkdirSync(path.join(root, 'demo-output'), { recursive: true });
must(
  process.execPath,
  path.join(root, 'dist/cli.cjs'),
  'compress',
  path.join('media/samples', `${name}.safetensors`),
  ...['--order', '16'],
  ...['-o', path.join('demo-output', `${name}.order16.safetensors`), '--force'],
);
