import path from 'node:path';
import type { CheckpointFacts, LayerFacts } from '../../../src/extension/annotations/facts';
import { fillText } from '../../../src/protocol/shown';

/** English, with the values in their places, as `vscode.l10n.t` without a translation. */
export const t = (text: string, ...values: (string | number | boolean)[]): string =>
  fillText(text, ...values.map(String));

export function layer(name: string, more: Partial<LayerFacts> = {}): LayerFacts {
  return {
    name,
    family: 's4d-minimal',
    tying: 'independent',
    channels: 128,
    orderBefore: 64,
    orderAfter: 24,
    slotsBefore: 32,
    slotsAfter: 12,
    parametersBefore: 16512,
    parametersAfter: 6272,
    relativeError: 0.00307,
    kind: 'certified',
    share: 0.412,
    slowestBefore: 0.99812,
    slowestAfter: 0.99794,
    ...more,
  };
}

export function checkpoint(
  layers: readonly LayerFacts[],
  more: Partial<CheckpointFacts> = {},
): CheckpointFacts {
  const result = path.resolve('/runs/model.order24.safetensors');
  return {
    report: `${result}.ssmreport.json`,
    result,
    source: path.resolve('/runs/model.safetensors'),
    bytes: 90_000,
    sha256: '',
    sourceBytes: 279_000,
    createdAt: '2026-11-22T16:44:19.914Z',
    solver: 'newton',
    horizon: 784,
    parametersBefore: 34_314,
    parametersAfter: 22_026,
    layers,
    ...more,
  };
}
