/** Arrays of rows of a length, as one array of the first rows of all, then the second ones, … */
export function interleaved(
  parts: readonly Float32Array[],
  rows: number,
  length: number,
): Float32Array {
  const all = new Float32Array(rows * parts.length * length);
  for (let t = 0; t < rows; t++) {
    parts.forEach((part, k) => {
      all.set(part.subarray(t * length, (t + 1) * length), (t * parts.length + k) * length);
    });
  }
  return all;
}
