import type { CheckpointTexts } from '../../src/protocol/texts';
import type {
  CheckpointAction,
  CheckpointQueries,
  CheckpointState,
  KnownReduction,
} from '../../src/protocol/webview';
import { connect, keepScroll } from '../api';
import { createFrame } from '../ui/frame';
import '../styles/base.css';
import '../styles/virtual.css';
import { element } from '../ui/dom';
import { layerPanel } from './layerPanel/layerPanel';
import type { LayerPanel } from './layerPanel/layerPanel';
import { layerSection } from './layers';
import { shownReduction } from './reduction';
import { drawCheckpoint } from './view';
import type { CheckpointHost } from './view';

const root = document.getElementById('root');
if (root !== null) void show(root);

async function show(page: HTMLElement): Promise<void> {
  const host: CheckpointHost = await connect<
    CheckpointTexts,
    CheckpointState,
    CheckpointAction,
    CheckpointQueries
  >();
  let layers: ReturnType<typeof layerSection> | undefined;
  let panel: LayerPanel | undefined;
  let latest: (CheckpointState & { kind: 'ready' }) | undefined;
  let reduction = '';
  const beside = (): KnownReduction | undefined =>
    latest === undefined ? undefined : shownReduction(latest, host);
  const draw = createFrame(page, {
    texts: host.texts,
    act: host.act,
    drawReady: (ready: CheckpointState & { kind: 'ready' }) => {
      latest = ready;
      panel = layerPanel(ready.summary.layers, host, beside);
      layers = layerSection(ready, host, {
        onOpen: (layer) => panel?.open(layer),
        onReduction: () => {
          reduction = JSON.stringify(beside());
          panel?.refresh();
        },
      });
      reduction = JSON.stringify(beside());
      return drawCheckpoint(ready, element('div', {}, layers.element, panel.element), host);
    },
  });
  host.watch((state) => {
    if (state.kind === 'ready') latest = state;
    draw(state);
    if (state.kind !== 'ready') return;
    layers?.update(state);
    if (JSON.stringify(beside()) !== reduction) {
      reduction = JSON.stringify(beside());
      panel?.refresh();
    }
    keepScroll(host);
  });
}
