import type { LayerFigures, TensorStatistics } from '../../../src/protocol/inspection';
import type { CheckpointState, KnownReduction } from '../../../src/protocol/webview';
import { checkpointState } from './states';

type Ready = CheckpointState & { kind: 'ready' };

/** Layers of these names, the one after the other smaller. */
export function withLayers(names: readonly string[], changes: Partial<Ready> = {}): Ready {
  const state = checkpointState(['encoder.weight', 'decoder.weight']) as Ready;
  const layers = names.map((name, i): Ready['summary']['layers'][number] => ({
    ...{ name, family: 's4d-minimal', familyTitle: 'S4D (minimal)', facts: {}, hyper: [] },
    ...{ order: 2 * (names.length - i), slots: names.length - i, channels: 8 },
    ...{ tying: i === 0 ? 'tied' : 'independent', parameters: 100 * (names.length - i) },
  }));
  return { ...state, summary: { ...state.summary, layers }, ...changes };
}

export const three = ['layers.0', 'layers.1', 'layers.2'];

/** Layers 0 and 1 have figures, 2 could not be read. */
export const figures: readonly LayerFigures[] = [
  { name: 'layers.0', norm: 1.2345, slowest: 0.99 },
  { name: 'layers.1', norm: 0.00321, slowest: 0.999987 },
  { name: 'layers.2', fault: 'Pole 3 does not decay.' },
];

export const reduction: KnownReduction = {
  path: '/models/model.order2.safetensors.ssmreport.json',
  report: 'model.order2.safetensors.ssmreport.json',
  result: 'model.order2.safetensors',
  ...{ role: 'source', stale: false },
  layers: three.map((name, i) => ({
    ...{ name, orderBefore: 6, orderAfter: 2, errorKind: 'certified', shareOf: 'certified' },
    ...{ relativeError: 0.0123 * (i + 1), share: [0.2, 0.7, 0.1][i] },
  })),
};

export const statistics: readonly TensorStatistics[] = ['encoder.weight', 'decoder.weight'].map(
  (name, i) => ({
    name,
    summary: {
      ...{ finite: 2046, nan: i, infinite: i, least: -0.51234, greatest: 1.5e-9 },
      ...{ mean: 0.001, norm: 12.5 },
    },
  }),
);

export const network = {
  architecture: 'state-spaces example.py (S4Model)',
  input: '1 feature a position',
  questions: [],
};
