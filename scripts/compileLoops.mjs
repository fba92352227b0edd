/** Compiles the hot loops of wasm/ to WebAssembly; the result is kept until a source or the compiler changes. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import { root } from './run.mjs';

const folder = path.join(root, 'wasm');
/** Memory is shared in name only: views of it then stay valid when it grows. One GiB at most. */
const memory = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '16384'];
const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', ...memory];
/** One `v128` leaves a function for another of the module, never the module. */
const quiet = ['--disableWarning', '112'];

/** The compiled module, as bytes. Throws with the compiler's messages where a source is wrong. */
export async function compileLoops() {
  const kept = path.join(root, 'node_modules', '.cache', 'loops', `${fingerprint()}.wasm`);
  if (existsSync(kept)) return readFileSync(kept);
  const bytes = await compile();
  mkdirSync(path.dirname(kept), { recursive: true });
  const temporary = `${kept}.${process.pid}`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, kept); // others may be compiling the same
  return bytes;
}

function fingerprint() {
  const hash = createHash('sha256').update(JSON.stringify([asc.version, options]));
  for (const name of readdirSync(folder).sort()) {
    hash.update(name).update(readFileSync(path.join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function compile() {
  let bytes;
  const { error, stderr } = await asc.main(
    ['index.ts', ...options, ...quiet, '--baseDir', folder, '--outFile', 'loops.wasm'],
    {
      writeFile: (name, contents) => {
        if (name === 'loops.wasm') bytes = contents;
      },
    },
  );
  if (error !== null || bytes === undefined) {
    throw new Error(`The loops of wasm/ do not compile.\n${stderr.toString()}`);
  }
  return bytes;
}
