import type { CheckpointTexts } from '../../src/protocol/texts';
import type { CheckpointAction, CheckpointState } from '../../src/protocol/webview';
import { connect, keepScroll } from '../api';
import { createFrame } from '../ui/frame';
import '../styles/base.css';
import '../styles/virtual.css';
import { drawCheckpoint } from './view';

const root = document.getElementById('root');
if (root !== null) void show(root);

async function show(page: HTMLElement): Promise<void> {
  const host = await connect<CheckpointTexts, CheckpointState, CheckpointAction>();
  const draw = createFrame(page, {
    texts: host.texts,
    act: host.act,
    drawReady: (ready: CheckpointState & { kind: 'ready' }) => drawCheckpoint(ready, host),
  });
  host.watch((state) => {
    draw(state);
    if (state.kind === 'ready') keepScroll(host);
  });
}
