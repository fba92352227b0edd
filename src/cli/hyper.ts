import type { HyperRecord } from '../protocol/report';
import { showName } from '../protocol/shown';
import type { HyperSummary, LayerSummary } from '../protocol/worker';

/** What the tensors do not tell, as lines; layers with the same values share them. */
export function describeHyper(records: readonly HyperRecord[]): string[] {
  const layersOf = new Map<string, string[]>();
  for (const record of records) {
    const line = describeOne(record);
    layersOf.set(line, [...(layersOf.get(line) ?? []), record.layer]);
  }
  const all = new Set(records.map(({ layer }) => layer)).size;
  return [...layersOf].map(([line, layers]) =>
    layers.length === all ? line : `${line}: ${showName(layers.join(', '), 200)}`,
  );
}

/** The same from the summaries of layers. */
export function describeLayersHyper(layers: readonly LayerSummary[]): string[] {
  return describeHyper(
    layers.flatMap(({ name, hyper }) => hyper.map((summary) => ({ layer: name, ...summary }))),
  );
}

/** "Discretisation: Zero-order hold (disc=zoh, from model.layer.disc in config.yaml)" */
function describeOne({ name, title, value, label, from, where }: HyperSummary): string {
  const source = {
    file: 'recorded in the file',
    configuration: 'from a configuration',
    given: 'given',
    remembered: 'answered earlier',
  }[from];
  const origin =
    where === undefined ? source : from === 'file' ? `${source} at ${where}` : `from ${where}`;
  return `${title}: ${label} (${name}=${value}, ${showName(origin, 300)})`;
}
