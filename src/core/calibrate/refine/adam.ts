/** An array of variables that move by about `rate * scale` a step. */
export interface AdamVariable {
  readonly values: Float64Array;
  readonly scale: Float64Array;
}

/** Adam (Kingma and Ba, arXiv 1412.6980) on several arrays at once, each variable with its own scale. */
export function createAdam(
  variables: readonly AdamVariable[],
): (gradients: readonly Float64Array[], rate: number) => void {
  const [beta1, beta2] = [0.9, 0.98];
  const first = variables.map(({ values }) => new Float64Array(values.length));
  const second = variables.map(({ values }) => new Float64Array(values.length));
  let step = 0;
  return (gradients, rate) => {
    step++;
    const [c1, c2] = [1 - beta1 ** step, 1 - beta2 ** step];
    variables.forEach(({ values, scale }, k) => {
      const [m, v, g] = [first[k], second[k], gradients[k]];
      for (let i = 0; i < values.length; i++) {
        m[i] += (1 - beta1) * (g[i] - m[i]);
        v[i] += (1 - beta2) * (g[i] * g[i] - v[i]);
        if (v[i] > 0) values[i] -= (rate * scale[i] * (m[i] / c1)) / Math.sqrt(v[i] / c2);
      }
    });
  };
}
