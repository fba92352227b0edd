import type { ReportTexts } from '../../src/protocol/texts';
import type { ReportAction, ReportState } from '../../src/protocol/webview';
import { connect, keepScroll } from '../api';
import { createFrame } from '../ui/frame';
import '../styles/base.css';
import '../styles/report.css';
import '../styles/measures.css';
import { drawReport } from './view';

const root = document.getElementById('root');
if (root !== null) void show(root);

async function show(page: HTMLElement): Promise<void> {
  const host = await connect<ReportTexts, ReportState, ReportAction>();
  const draw = createFrame(page, {
    texts: host.texts,
    act: host.act,
    drawReady: (ready: ReportState & { kind: 'ready' }) => drawReport(ready.report, host),
  });
  host.watch((state) => {
    draw(state);
    if (state.kind === 'ready') keepScroll(host);
  });
}
