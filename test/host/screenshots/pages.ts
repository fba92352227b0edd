import path from 'node:path';
import type { Browser, Page as BrowserPage } from 'playwright-core';
import { comparisonTexts } from '../../../src/protocol/comparison';
import { curveTexts, evaluationTexts } from '../../../src/protocol/measureTexts';
import { checkpointTexts, reportTexts } from '../../../src/protocol/texts';
import { figures, network, reduction, statistics, withLayers } from '../support/checkpointStates';
import { comparedRun, comparisonState, measuredRun } from '../support/comparisonStates';
import { boundRecord, chartsAnswer, curveAnswer } from '../support/layerStates';
import {
  allocationRecord,
  calibrationRecord,
  curveState,
  engineRecord,
  evaluationState,
} from '../support/measureStates';
import { checkpointState, hostileNames, reportState } from '../support/states';
import { openWebview } from '../support/webviewPage';
import type { themeNames } from '../support/webviewPage';
import { screenshots } from '../support/workspace';

type Options = Parameters<typeof openWebview>[1];

interface Page extends Omit<Options, 'theme'> {
  readonly name: string;
  /** What is done before the picture is taken. */
  readonly then?: (page: BrowserPage) => Promise<void>;
}

/** Pixels of a narrow editor beside others, and of one over the whole of a large window. */
const widths = { narrow: 400, half: 700, large: 1400, wide: 1600 };

const names = ['s4_layers.0', 's4_layers.1', 's4_layers.2', 's4_layers.3'];
const many = Array.from({ length: 1000 }, (_, i) => `layers.${i}`);
const manyContributions = {
  ...boundRecord(many),
  layers: boundRecord(many).layers.map((layer, i) => ({
    ...layer,
    share: 1 / (7 * (1 + i)),
    certified: { ...layer.certified, contribution: 1e6 / (1 + i) },
    calibrated: { ...layer.certified, contribution: 1 / (1 + i) },
    measured: { telescoping: 0.01 / (1000 - i), alone: 0, firstOrder: 0 },
  })),
};
const three = ['layers.0', 'layers.1', 'layers.2'];
/** Another compression to choose. */
const older = { ...reduction, path: '/models/older', result: 'model.order4.safetensors' };
const failed = { kind: 'failed', fileName: 'broken.pt', revision: 1, outdated: 'no' };
const fault = { reason: 'bad-file', message: 'The zip directory is cut off.', place: 'byte 712' };
const answers = { layerFigures: figures, network, copy: null };

const checkpoint = (name: string, state: object, more: Partial<Page> = {}): Page => ({
  ...{ name: `checkpoint ${name}`, bundle: 'checkpoint', texts: checkpointTexts, state, answers },
  ...more,
});

/** The panel of a layer, with the answers of all its charts. */
function layer(name: string, tab: string, channel?: number, more: Partial<Page> = {}): Page {
  const shown = { layer: three[0], tab, ...(channel === undefined ? {} : { channel }) };
  return checkpoint(name, withLayers(three, { reductions: [reduction, older] }), {
    remembered: { layerPanel: shown },
    answers: { ...answers, layerCharts: chartsAnswer(channel), layerCurve: curveAnswer },
    ...more,
  });
}

function report(name: string, of: readonly string[], changes: object, more = {}): Page {
  const state = reportState(of);
  if (state.kind !== 'ready') throw new Error('a report that is ready');
  const shown = { ...state, report: { ...state.report, ...changes } };
  return { name: `report ${name}`, bundle: 'report', texts: reportTexts, state: shown, ...more };
}

const calibrated = {
  ...{ calibration: calibrationRecord(names), bound: boundRecord(names) },
  allocation: allocationRecord(names),
  device: {
    ...{ engine: 'cpu', threads: 16, name: 'AMD EPYC 9554', kernels: 'wasm-simd' },
    search: engineRecord,
  },
};
const comparison = (name: string, state: object, more = {}): Page => ({
  ...{ name: `comparison ${name}`, bundle: 'comparison', texts: comparisonTexts, state, ...more },
});
const curve = (name: string, more = {}): Page => ({
  ...{ name: `curve${name}`, bundle: 'curve', texts: curveTexts, state: curveState, ...more },
});
const atWork = {
  fileName: curveState.fileName,
  tracing: { fraction: 0.355, stage: 'layer 3 of 6' },
};
const evaluation = (name: string, of: readonly string[], more = {}): Page => ({
  ...{ name: `evaluation${name}`, bundle: 'evaluation', texts: evaluationTexts },
  ...{ state: evaluationState(of), ...more },
});

const asked = checkpointState(names, {});
const questions =
  asked.kind !== 'ready'
    ? asked
    : {
        ...asked,
        canCompress: false,
        hasReport: false,
        summary: {
          ...asked.summary,
          refusals: [{ names: ['mixer.in_proj'], reason: 'Its state depends on the input.' }],
          questions: [
            {
              ...{ name: 'discretisation', title: 'Discretisation', layers: names },
              ...{ options: [{ value: 'zoh' }, { value: 'bilinear' }], usual: 'zoh' },
              ...{ positiveNumbers: false, remarks: ['The file does not tell.'] },
            },
          ],
        },
      };

const runs = [
  comparedRun(4),
  comparedRun(8, { source: 'other.pt', note: 'with a longer horizon than the others' }),
  measuredRun,
  comparedRun(32, { orderAfter: { least: 24, greatest: 32 }, bound: 0.0123 }),
];

/** Pages in states that are hard to reach by hand, and as wide as the workbench of the other pictures is not. */
const pages: readonly Page[] = [
  checkpoint('reading', { kind: 'reading', fileName: 'model.pt', revision: 1, outdated: 'no' }),
  checkpoint('broken', { ...failed, fault }),
  checkpoint('questions', questions),
  checkpoint('plain', withLayers([]), {}),
  checkpoint('figures', withLayers(three, { reductions: [reduction, older], statistics })),
  checkpoint('figures narrow', withLayers(three, { reductions: [reduction, older], statistics }), {
    width: widths.narrow,
  }),
  ...(['half', 'large'] as const).map((width) =>
    checkpoint(`figures ${width}`, withLayers(three, { reductions: [reduction, older] }), {
      width: widths[width],
    }),
  ),
  checkpoint('figures wide', withLayers(three, { reductions: [reduction, older], statistics }), {
    width: widths.wide,
  }),
  checkpoint('hostile', checkpointState(hostileNames, { outdated: 'changed' })),
  ...['poles', 'hankel', 'impulse', 'frequency', 'order', 'convergence'].flatMap((tab) => [
    layer(`layer ${tab} all`, tab),
    layer(`layer ${tab} one`, tab, 17),
  ]),
  layer('layer table', 'hankel', undefined, {
    then: (page) => page.getByText(checkpointTexts.showTable).click(),
  }),
  layer('layer refused', 'poles', undefined, { answers }),
  layer('layer order narrow', 'order', undefined, { width: widths.narrow }),
  layer('layer poles narrow', 'poles', undefined, { width: widths.narrow }),
  layer('layer impulse wide', 'impulse', undefined, { width: widths.wide }),
  report('plain', names, {}),
  report('of one layer', names.slice(0, 1), { warnings: [], settingsChanged: [] }),
  report('calibrated', names, calibrated),
  report('calibrated narrow', names, calibrated, { width: widths.narrow }),
  report('calibrated wide', names, calibrated, { width: widths.wide }),
  report('of a thousand layers', many, { bound: manyContributions }),
  report('hostile', hostileNames, { bound: boundRecord(hostileNames) }),
  { ...report('broken', names, {}), state: { ...failed, fault } },
  curve(''),
  curve(' at work', { state: atWork }),
  curve(' narrow', { width: widths.narrow }),
  curve(' wide', { width: widths.wide }),
  evaluation('', names),
  evaluation(' narrow', names, { width: widths.narrow }),
  evaluation(' hostile', hostileNames),
  comparison('empty', comparisonState([])),
  comparison('several', comparisonState(runs)),
  comparison('narrow', comparisonState(runs), { width: widths.narrow }),
  comparison('wide', comparisonState(runs), { width: widths.wide }),
];

/** A page higher than this is taken in several pictures, so that its texts can be read in them. */
const mostHeight = 1500;

/** Takes a window as high as the page, since only rows in view exist, and of a very high one its parts. */
async function takeWhole(page: BrowserPage, name: string): Promise<void> {
  const width = page.viewportSize()?.width ?? 1000;
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height });
  await page.waitForTimeout(150);
  const parts = Math.ceil(height / mostHeight);
  for (let part = 0; part < parts; part++) {
    const y = part * mostHeight;
    const clip = { x: 0, y, width, height: Math.min(mostHeight, height - y) };
    const file = parts === 1 ? `${name}.png` : `${name} ${part + 1}.png`;
    await page.screenshot({ path: path.join(screenshots, file), clip });
  }
}

/** Takes a picture of each page whose name has the wanted piece, as a whole. */
export async function takePages(
  browser: Browser,
  theme: (typeof themeNames)[number],
  wanted: string,
): Promise<void> {
  for (const { name, then, ...options } of pages) {
    if (!`${name} ${theme}`.includes(wanted)) continue;
    const { page, problems } = await openWebview(browser, { ...options, theme });
    await then?.(page);
    await page.waitForTimeout(250); // charts
    await takeWhole(page, `page ${name} ${theme}`);
    await page.close();
    for (const problem of problems) process.stderr.write(`${name}, ${theme}: ${problem}\n`);
  }
}
