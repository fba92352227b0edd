import type {
  ComparisonAction,
  ComparisonState,
  ComparisonTexts,
} from '../../src/protocol/comparison';
import { connect, keepScroll } from '../api';
import '../styles/base.css';
import '../styles/report.css';
import '../styles/comparison.css';
import { drawComparison } from './view';

const root = document.getElementById('root');
if (root !== null) void show(root);

async function show(page: HTMLElement): Promise<void> {
  const host = await connect<ComparisonTexts, ComparisonState, ComparisonAction>();
  host.watch((state) => {
    host.remember({ reports: state.reports });
    page.replaceChildren(...drawComparison(state, host));
    document.body.dataset.state = 'ready';
    keepScroll(host);
  });
}
