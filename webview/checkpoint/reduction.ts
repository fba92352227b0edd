import { fillText, showName } from '../../src/protocol/shown';
import type { CheckpointState, KnownReduction, ReducedLayer } from '../../src/protocol/webview';
import { picker } from '../ui/controls';
import type { CheckpointHost } from './view';

type Ready = CheckpointState & { kind: 'ready' };

/** The compression that is shown beside the file: the one that was chosen, or else the first that is known. */
export function shownReduction(
  { reductions }: Ready,
  { recall }: Pick<CheckpointHost, 'recall'>,
): KnownReduction | undefined {
  return reductions.find(({ path }) => path === recall().reduction) ?? reductions.at(0);
}

/** What it made of the layers, by their names; undefined where no compression is known. */
export function reducedLayers(
  reduction: KnownReduction | undefined,
): ReadonlyMap<string, ReducedLayer> | undefined {
  if (reduction === undefined) return undefined;
  return new Map(reduction.layers.map((layer) => [layer.name, layer]));
}

/** Chooses among several compressions; nothing where there are not several. */
export function reductionPicker(
  state: Ready,
  host: CheckpointHost,
  onPick: () => void,
): HTMLElement | undefined {
  const { reductions } = state;
  if (reductions.length < 2) return undefined;
  const names = reductions.map(({ result }) => showName(result, 80));
  const made = picker('reduction', host.texts.compression, names, (i) => {
    host.remember({ reduction: reductions[i].path });
    onPick();
  });
  const shown = shownReduction(state, host);
  const select = made.querySelector('select');
  if (select !== null && shown !== undefined) select.selectedIndex = reductions.indexOf(shown);
  return made;
}

/** Whose figures the table shows. */
export function remarkOn(reduction: KnownReduction | undefined, { texts }: CheckpointHost): string {
  if (reduction === undefined) return '';
  const { role, report, stale } = reduction;
  const whose =
    role === 'result'
      ? texts.reductionOfResult
      : fillText(texts.reductionOfSource, showName(report, 120));
  return stale ? `${whose} ${texts.reductionStale}` : whose;
}
