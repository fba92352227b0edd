import { typescriptLoops, type HotLoops } from '../../../core/hotLoops';
import type { LoopExports } from './module';
import type { Workspace } from './workspace';

/** From here on the reference computes: the module's memory never shrinks again. */
const largestSize = 1 << 20;

/** `convolve` four features at a time. */
export function convolveWith(loops: LoopExports, workspace: Workspace): HotLoops['convolve'] {
  const tableOf = tables();
  return (u, inputs, outputs, length, spectra) => {
    const { size, stride, values } = spectra;
    if (size >= largestSize) return typescriptLoops.convolve(u, inputs, outputs, length, spectra);
    const table = tableOf(size);
    const y = new Float64Array(outputs * length);
    const [turns, a, b, K, input, work] = workspace.room(
      table.length,
      4 * length,
      4 * length,
      4 * stride,
      4 * size,
      8 * size,
    );
    const numbers = workspace.numbers();
    numbers.set(table, turns);
    for (let h = 0; h < inputs; h += 4) {
      const count = Math.min(4, inputs - h);
      numbers.fill(0, a + count * length, a + 4 * length);
      numbers.set(u.subarray(h * length, (h + count) * length), a);
      for (let j = h; j < outputs; j += inputs) {
        numbers.fill(0, K + count * stride, K + 4 * stride);
        numbers.set(values.subarray(j * stride, (j + count) * stride), K);
        const known = j > h ? 1 : 0;
        loops.convolveQuad(
          8 * a,
          8 * b,
          length,
          8 * K,
          size,
          8 * turns,
          8 * input,
          known,
          8 * work,
        );
        y.set(numbers.subarray(b, b + count * length), j * length);
      }
    }
    return y;
  };
}

/** e^{-2 pi i k / size} for k < 3/4 size as (re, im), made once a size. */
function tables(): (size: number) => Float64Array {
  const known = new Map<number, Float64Array>();
  return (size) => {
    const found = known.get(size) ?? turnsOf(size);
    known.set(size, found);
    return found;
  };
}

function turnsOf(size: number): Float64Array {
  const turns = new Float64Array(2 * Math.ceil((3 * size) / 4));
  for (let k = 0; 2 * k < turns.length; k++) {
    turns[2 * k] = Math.cos((2 * Math.PI * k) / size);
    turns[2 * k + 1] = -Math.sin((2 * Math.PI * k) / size);
  }
  return turns;
}
