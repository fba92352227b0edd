import { typescriptLoops, type HotLoops } from '../../../core/hotLoops';
import type { LoopExports } from './module';
import type { Scratch } from './scratch';

/** From here on the reference computes: the module's memory never shrinks again. */
const largestSize = 1 << 20;

/** `convolve` four features at a time. */
export function convolveWith(loops: LoopExports, scratch: Scratch): HotLoops['convolve'] {
  const turnsOf = tables(scratch);
  return (u, inputs, outputs, length, spectra) => {
    const { size, stride, values } = spectra;
    if (size >= largestSize) return typescriptLoops.convolve(u, inputs, outputs, length, spectra);
    const turns = turnsOf(size);
    const y = new Float64Array(outputs * length);
    const [a, b, K, input, work] = scratch.room(
      4 * length,
      4 * length,
      4 * stride,
      4 * size,
      8 * size,
    );
    const numbers = scratch.numbers();
    for (let h = 0; h < inputs; h += 4) {
      const count = Math.min(4, inputs - h);
      numbers.fill(0, a + count * length, a + 4 * length);
      numbers.set(u.subarray(h * length, (h + count) * length), a);
      for (let j = h; j < outputs; j += inputs) {
        numbers.fill(0, K + count * stride, K + 4 * stride);
        numbers.set(values.subarray(j * stride, (j + count) * stride), K);
        const known = j > h ? 1 : 0;
        loops.convolveQuad(
          ...([8 * a, 8 * b, length, 8 * K, size] as const),
          ...([8 * turns, 8 * input, known, 8 * work] as const),
        );
        y.set(numbers.subarray(b, b + count * length), j * length);
      }
    }
    return y;
  };
}

/** e^{-2 pi i k / size} for k < 3/4 size, made once a size and kept. */
function tables(scratch: Scratch): (size: number) => number {
  const known = new Map<number, number>();
  return (size) => {
    const found = known.get(size);
    if (found !== undefined) return found;
    const turns = new Float64Array(2 * Math.ceil((3 * size) / 4));
    for (let k = 0; 2 * k < turns.length; k++) {
      turns[2 * k] = Math.cos((2 * Math.PI * k) / size);
      turns[2 * k + 1] = -Math.sin((2 * Math.PI * k) / size);
    }
    const place = scratch.keep(turns);
    known.set(size, place);
    return place;
  };
}
