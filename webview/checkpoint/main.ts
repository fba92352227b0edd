import type { CheckpointTexts } from '../../src/protocol/texts';
import type {
  CheckpointAction,
  CheckpointQueries,
  CheckpointState,
} from '../../src/protocol/webview';
import { connect, keepScroll } from '../api';
import { createFrame } from '../ui/frame';
import '../styles/base.css';
import '../styles/virtual.css';
import { element } from '../ui/dom';
import { layerPanel } from './layerPanel/layerPanel';
import type { LayerPanel } from './layerPanel/layerPanel';
import { layerSection } from './layers';
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
  let reduction = '';
  const draw = createFrame(page, {
    texts: host.texts,
    act: host.act,
    drawReady: (ready: CheckpointState & { kind: 'ready' }) => {
      panel = layerPanel(ready.summary.layers, host);
      layers = layerSection(ready, host, (layer) => panel?.open(layer));
      reduction = JSON.stringify(ready.reduction);
      return drawCheckpoint(ready, element('div', {}, layers.element, panel.element), host);
    },
  });
  host.watch((state) => {
    draw(state);
    if (state.kind !== 'ready') return;
    layers?.update(state);
    if (JSON.stringify(state.reduction) !== reduction) {
      reduction = JSON.stringify(state.reduction);
      panel?.refresh();
    }
    keepScroll(host);
  });
}
