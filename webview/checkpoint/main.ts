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
  const draw = createFrame(page, {
    texts: host.texts,
    act: host.act,
    drawReady: (ready: CheckpointState & { kind: 'ready' }) => {
      layers = layerSection(ready, host);
      return drawCheckpoint(ready, layers.element, host);
    },
  });
  host.watch((state) => {
    draw(state);
    if (state.kind !== 'ready') return;
    layers?.update(state);
    keepScroll(host);
  });
}
