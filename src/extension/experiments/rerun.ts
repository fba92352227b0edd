import { access } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { showName } from '../../protocol/shown';
import type { CompressParams } from '../../protocol/worker';
import { askMethod, solverTitle } from '../compression/method';
import { outputComplaint, resolveOutput } from '../compression/outputName';
import { parseCount } from '../compression/choices';
import { runCompressions } from '../compression/run';
import type { SsmContext } from '../context';
import { noticeText, pickText } from '../platform/noticeText';
import { askText, back, choose } from '../platform/steps';
import type { Choice, StepPlace } from '../platform/steps';
import { mayWrite } from '../platform/trust';
import { without } from '../platform/without';
import { repeatParams } from './repeat';
import type { Run } from './run';

const { t } = vscode.l10n;

type Part = 'start' | 'order' | 'horizon' | 'method' | 'output';

/** Shows what the run was asked, lets the person change any of it, and compresses again. */
export async function rerun(context: SsmContext, run: Run): Promise<void> {
  if (!mayWrite()) return;
  const settled = await askChanges(repeatParams(run));
  if (settled === undefined) return;
  const taken = await access(settled.output).then(
    () => true,
    () => false,
  );
  if (taken && !(await mayReplace(settled.output))) return;
  await runCompressions(context, [{ ...settled, overwrite: taken }]);
}

/** A list of the settings with their values; Enter on the first starts. Undefined when the person left. */
async function askChanges(first: CompressParams): Promise<CompressParams | undefined> {
  let params = first;
  let place: StepPlace = {
    title: t('Run Again: {0}', pickText(path.basename(first.file))),
    step: 1,
    totalSteps: 1,
    canGoBack: false,
  };
  for (;;) {
    const part = await choose<Part>(place, t('Start, or choose what to change.'), items(params));
    if (part === undefined || part === back) return undefined;
    if (part === 'start') return params;
    place = { ...place, canGoBack: true };
    const changed = await askPart(part, params, place);
    place = { ...place, canGoBack: false };
    if (changed === undefined) return undefined;
    params = changed === back ? params : changed;
  }
}

function items({ target, horizon, solver, output, calibration }: CompressParams): Choice<Part>[] {
  const steps =
    horizon === undefined
      ? t('as recorded in the checkpoint, or the default')
      : horizon === null
        ? t('infinite')
        : t('{0} steps', horizon);
  const sample = calibration === undefined ? '' : showName(path.basename(calibration.data), 60);
  return [
    {
      label: t('$(play) Start'),
      description: sample === '' ? '' : t('calibrated with {0}', pickText(sample)),
      value: 'start',
      preselected: true,
    },
    { label: t('Size'), description: sizeText(target), value: 'order' },
    { label: t('Horizon'), description: steps, value: 'horizon' },
    { label: t('Solver'), description: solverTitle(solver), value: 'method' },
    { label: t('Result'), description: pickText(path.basename(output)), value: 'output' },
  ];
}

function sizeText(target: CompressParams['target']): string {
  if ('order' in target) return t('order {0}', target.order);
  if ('remove' in target) return t('{0} % of the parameters removed', round(100 * target.remove));
  if ('accuracyLoss' in target) {
    return t('at most {0} points of accuracy lost', round(100 * target.accuracyLoss));
  }
  if ('layerError' in target) {
    return t('at most {0} % certified error of each layer', round(100 * target.layerError));
  }
  if ('outputBound' in target) {
    return t('a bound of the output’s error of at most {0}', round(target.outputBound));
  }
  return t('at most {0} % error of the output', round(100 * target.outputError));
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}

type Changed = CompressParams | typeof back | undefined;

async function askPart(
  part: Exclude<Part, 'start'>,
  params: CompressParams,
  place: StepPlace,
): Promise<Changed> {
  switch (part) {
    case 'order':
      return askOrder(params, place);
    case 'horizon':
      return askHorizon(params, place);
    case 'method': {
      const method = await askMethod(place);
      if (method === undefined || method === back) return method;
      const rest = without(params, 'tau');
      return { ...rest, ...method };
    }
    case 'output':
      return askOutput(params, place);
  }
}

/** An order takes the place of any target; orders of single layers were given for the old one and are left out. */
async function askOrder(params: CompressParams, place: StepPlace): Promise<Changed> {
  const { target } = params;
  const typed = await askText(place, {
    prompt: t('The new order, in the unit of d_state.'),
    value: 'order' in target ? String(target.order) : '',
    check: (text) =>
      parseCount(text) === undefined ? t('A whole number of at least 1, please.') : undefined,
  });
  if (typed === undefined || typed === back) return typed;
  const order = parseCount(typed);
  if (order === undefined) return back;
  const rest = without(params, 'layerOrders');
  const { dir, name, ext } = path.parse(params.file);
  return { ...rest, target: { order }, output: path.join(dir, `${name}.order${order}${ext}`) };
}

async function askHorizon(params: CompressParams, place: StepPlace): Promise<Changed> {
  const infinite = /^inf(inite|inity)?$/i;
  const { horizon } = params;
  const typed = await askText(place, {
    prompt: t('The horizon in time steps, inf for all, empty for what the checkpoint records.'),
    value: horizon === undefined ? '' : horizon === null ? 'inf' : String(horizon),
    check: (text) =>
      text.trim() === '' || infinite.test(text.trim()) || parseCount(text) !== undefined
        ? undefined
        : t('A whole number of at least 1, or inf, please.'),
  });
  if (typed === undefined || typed === back) return typed;
  const rest = without(params, 'horizon');
  if (typed.trim() === '') return rest;
  const steps = infinite.test(typed.trim()) ? null : parseCount(typed);
  return steps === undefined ? back : { ...rest, horizon: steps };
}

async function askOutput(params: CompressParams, place: StepPlace): Promise<Changed> {
  const { file, output } = params;
  const typed = await askText(place, {
    prompt: t('Name of the result. It is written beside the source, its report beside it.'),
    value: path.dirname(output) === path.dirname(file) ? path.basename(output) : output,
    check: (text) =>
      outputComplaint(file, text) === undefined
        ? undefined
        : t('Another file name with the ending of the source, please.'),
  });
  if (typed === undefined || typed === back) return typed;
  return { ...params, output: resolveOutput(file, typed) };
}

async function mayReplace(output: string): Promise<boolean> {
  const replace = t('Replace');
  const name = noticeText(path.basename(output));
  const question = t('{0} exists already. Replace it and its report?', name);
  const choice = await vscode.window.showWarningMessage(question, { modal: true }, replace);
  return choice === replace;
}
