import path from 'node:path';
import type { Browser } from 'playwright-core';
import { comparisonTexts } from '../../../src/protocol/comparison';
import { curveTexts, evaluationTexts } from '../../../src/protocol/measureTexts';
import { checkpointTexts, reportTexts } from '../../../src/protocol/texts';
import { calibrationRecord, curveState, evaluationState } from '../support/measureStates';
import { checkpointState, hostileNames, reportState } from '../support/states';
import { openWebview } from '../support/webviewPage';
import type { themeNames } from '../support/webviewPage';
import { screenshots } from '../support/workspace';

type Page = Omit<Parameters<typeof openWebview>[1], 'theme'> & { readonly name: string };

const names = ['s4_layers.0', 's4_layers.1', 's4_layers.2', 's4_layers.3'];

function calibratedReport(): object {
  const state = reportState(names);
  if (state.kind !== 'ready') return state;
  return { ...state, report: { ...state.report, calibration: calibrationRecord(names) } };
}

/** Pages in states that are hard to reach by hand. */
const pages: readonly Page[] = [
  {
    name: 'checkpoint hostile',
    bundle: 'checkpoint',
    texts: checkpointTexts,
    state: checkpointState(hostileNames, { outdated: 'changed' }),
  },
  {
    name: 'checkpoint broken',
    bundle: 'checkpoint',
    texts: checkpointTexts,
    state: {
      ...{ kind: 'failed', fileName: 'broken.pt', revision: 1, outdated: 'no' },
      fault: { reason: 'bad-file', message: 'The zip directory is cut off.', place: 'byte 712' },
    },
  },
  {
    name: 'report calibrated',
    bundle: 'report',
    texts: reportTexts,
    state: calibratedReport(),
  },
  { name: 'curve', bundle: 'curve', texts: curveTexts, state: curveState },
  {
    name: 'evaluation',
    bundle: 'evaluation',
    texts: evaluationTexts,
    state: evaluationState(names),
  },
  {
    name: 'comparison empty',
    bundle: 'comparison',
    texts: comparisonTexts,
    state: { reports: [], runs: [], missing: [] },
  },
];

/** Takes a picture of each page as a whole. */
export async function takePages(
  browser: Browser,
  theme: (typeof themeNames)[number],
  wanted: string,
): Promise<void> {
  for (const { name, ...options } of pages.filter((one) => one.name.includes(wanted))) {
    const { page } = await openWebview(browser, { ...options, theme });
    await page.waitForTimeout(500); // charts
    const file = path.join(screenshots, `page ${name} ${theme}.png`);
    await page.screenshot({ path: file, fullPage: true });
    await page.close();
  }
}
