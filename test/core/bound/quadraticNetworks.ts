import { complexMatrix } from '../../../src/core/linalg/matrix';
import type { Op, StateSpaceLayer } from '../../../src/core/network/network';
import type { LqoSystem } from '../../../src/core/systems/lqo';
import { denseForm } from '../../../src/core/systems/quadraticForm';
import { linear, normOps, parameter, type NetworkPair, type Random } from './randomNetworks';

/** A layer with quadratic outputs. */
export function quadraticLayer(
  random: Random,
  name: string,
  inputs: number,
  outputs: number,
): StateSpaceLayer {
  const n = random.integer(1, 3);
  const entries = (rows: number, cols: number, scale: number) => {
    const M = complexMatrix(rows, cols);
    M.re.forEach((_, i) => (M.re[i] = scale * random.normal()));
    M.im.forEach((_, i) => (M.im[i] = scale * random.normal()));
    return M;
  };
  const forms = Array.from({ length: outputs }, () => {
    const M = complexMatrix(n, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const [re, im] = [0.2 * random.normal(), 0.2 * random.normal()];
        for (const at of [i * n + j, j * n + i]) [M.re[at], M.im[at]] = [re, im];
      }
    }
    return denseForm(M);
  });
  const poles = {
    re: Float64Array.from({ length: n }, () => -0.05 - 0.7 * random.uniform()),
    im: Float64Array.from({ length: n }, () => 3 * random.uniform()),
  };
  const system: LqoSystem = {
    ...{ poles, B: entries(n, inputs, 0.5), C: entries(outputs, n, 0.5), forms },
  };
  return {
    ...{ name, inputs, outputs, systems: { kind: 'lqo', system } },
    skip: { kind: 'diagonal', weight: parameter(random, [outputs], 0.5) },
  };
}

/** A network of such layers, pre- or post-norm or without norms, and one with other output weights and forms. */
export function quadraticPair(random: Random): NetworkPair {
  const [width, inputs] = [random.integer(2, 4), 2];
  const count = random.integer(1, 3);
  const norm = random.pick(['layer', 'rms', 'batch', 'none'] as const);
  const layers = Array.from({ length: count }, (_, l) =>
    quadraticLayer(random, `layer ${l}`, width, width),
  );
  const noise = 10 ** random.integer(-4, 0);
  const prenorm = random.uniform() < 0.5;
  const blocks = layers.flatMap((_, layer): Op[] => {
    const body: Op[] = [
      { kind: 'state-space', layer },
      { kind: 'activation', activation: random.pick(['gelu', 'tanh', 'relu'] as const) },
      linear(random, width, width, 'mixing'),
    ];
    const norms = normOps(random, norm, width);
    return prenorm
      ? [{ kind: 'residual', body: [...norms, ...body] }]
      : [{ kind: 'residual', body }, ...norms];
  });
  const ops: Op[] = [
    linear(random, inputs, width, 'encoder'),
    ...blocks,
    { kind: 'pool', by: random.pick(['mean', 'last', 'sum', 'max'] as const) },
    linear(random, width, 2, 'decoder'),
  ];
  const input = { kind: 'values', width: inputs } as const;
  return {
    original: { input, ops, layers },
    reduced: { input, ops, layers: layers.map((layer) => disturbed(random, layer, noise)) },
    length: random.integer(2, 16),
  };
}

function disturbed(random: Random, layer: StateSpaceLayer, noise: number): StateSpaceLayer {
  if (layer.systems.kind !== 'lqo') return layer;
  const { system } = layer.systems;
  const C = { ...system.C, re: system.C.re.map((x) => x + noise * random.normal()) };
  const forms = system.forms.map((form) => {
    if (form.kind !== 'dense') return form;
    const factor = 1 + noise * random.normal();
    const { matrix } = form;
    return denseForm({ ...matrix, re: matrix.re.map((x) => x * factor) });
  });
  return { ...layer, systems: { kind: 'lqo', system: { ...system, C, forms } } };
}
