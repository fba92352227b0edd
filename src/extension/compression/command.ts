import * as path from 'node:path';
import * as vscode from 'vscode';
import { SsmError } from '../../core/errors';
import type { CheckpointSummary } from '../../protocol/worker';
import { settleQuestions } from '../answers/ask';
import { fieldsOf, inspectRemembering } from '../answers/inspect';
import { describeNetwork, offerNetwork, settleNetwork } from '../answers/network';
import type { SsmContext } from '../context';
import { signalOf } from '../platform/cancellation';
import { describeFault, faultForLog, isCancelled, reportFault } from '../platform/faults';
import { noticeText } from '../platform/noticeText';
import { localPath } from '../platform/localPath';
import { defaultSolver, showsTradeoff } from '../platform/config';
import { mayWrite } from '../platform/trust';
import { sampleOf } from '../samples/ask';
import { askSamples } from '../samples/askAll';
import { defaultOutputName, resolveOutput } from './outputName';
import { askHow, fittingOf, isWeighed, recordingOf } from './questions';
import type { Answers, HowOptions } from './questions';
import { settleOutputs } from './outputs';
import { runCompressions } from './run';
import type { Outcome } from './run';
import { sharingParams } from './sharing';
import { sizeLabel } from './size';
import type { Size } from './size';
import { showTradeoff } from './tradeoff';
import { tradeoffBehind } from './tradeoffBehind';
import type { OpenTradeoff } from './tradeoffBehind';
import type { RunBase } from './tradeoffPanel';

const { t } = vscode.l10n;

/** The command `SSM: Compress SSM…`: reads the headers, asks how small, compresses. Resolves to what became of it. */
export async function compress(
  context: SsmContext,
  files: readonly vscode.Uri[],
  options: HowOptions = {},
): Promise<Outcome[]> {
  if (!mayWrite()) return [];
  const summaries = await readHeaders(context, files);
  if (summaries.length === 0) return [];
  const settled = await settleAll(context, summaries).catch((error: unknown) => {
    if (!isCancelled(error)) reportFault(context.log, error);
    return undefined;
  });
  if (settled === undefined) return [];
  const known = await isKnown(context, settled);
  const behind = behindOf(context, settled);
  const how = { ...options, known, ...(behind === undefined ? {} : { behind }) };
  const answers = await askHow(settled, askSamples(context, settled), how);
  if (answers === undefined) return [];
  if (asksOfOutput(answers) && (await settleNetwork(context, settled[0])) === undefined) return [];
  const { size } = answers;
  if (size === 'curve') {
    await showTradeoff(context, runBase(context, settled[0], answers));
    return [];
  }
  const sizes: readonly Size[] =
    'orders' in size ? size.orders.map((order) => ({ target: { order }, order })) : [size];
  const runs = settled.flatMap((summary) =>
    sizes.map((one) => {
      const { path: file } = summary;
      const output = resolveOutput(file, defaultOutputName(file, sizeLabel(one)));
      const base = runBase(context, summary, answers);
      return { ...base, ...one.layers, target: one.target, output: answers.output ?? output };
    }),
  );
  return runCompressions(context, await settleOutputs(runs));
}

/** The trade-off that opens by itself, of a single checkpoint and where the person has not switched it off. */
function behindOf(
  context: SsmContext,
  settled: readonly CheckpointSummary[],
): OpenTradeoff | undefined {
  if (settled.length !== 1 || !showsTradeoff()) return undefined;
  return tradeoffBehind(context, runBase(context, settled[0], {}));
}

/** Whether the network around the layers of a single checkpoint is known, up to what can be asked. */
async function isKnown(
  context: SsmContext,
  settled: readonly CheckpointSummary[],
): Promise<boolean> {
  if (settled.length !== 1) return false;
  return !('reason' in (await describeNetwork(context, settled[0])));
}

/** Whether the error of the network's output decides what becomes of the layers. */
function asksOfOutput({ size, sharing }: Answers): boolean {
  const bounded = size !== 'curve' && 'target' in size && 'outputBound' in size.target;
  return bounded || (sharing !== undefined && sharing !== 'uniform' && sharing !== 'layers');
}

/** Asks what the checkpoints do not tell, one checkpoint after another; undefined when the person left. */
async function settleAll(
  context: SsmContext,
  summaries: readonly CheckpointSummary[],
): Promise<CheckpointSummary[] | undefined> {
  const { signal } = new AbortController();
  const settled: CheckpointSummary[] = [];
  for (const summary of summaries) {
    const one = await settleQuestions(context, summary, signal);
    if (one === undefined) return undefined;
    assertReducible(one);
    settled.push(one);
  }
  // a bound of the output's error is worth a question, but not one for each of many files
  const [single, ...others] = settled;
  if (others.length === 0 && !(await offerNetwork(context, single))) return undefined;
  return settled;
}

/** The checkpoints that can be compressed. Of the others the person hears before anything is asked. */
async function readHeaders(
  context: SsmContext,
  files: readonly vscode.Uri[],
): Promise<CheckpointSummary[]> {
  const read = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: t('Reading checkpoint headers') },
    (_, token) =>
      Promise.all(
        files.map((file) =>
          readHeader(context, file, signalOf(token)).catch((error: unknown) => ({ file, error })),
        ),
      ),
  );
  const failures = read.flatMap((item) => ('error' in item ? [item] : []));
  tellUnfit(context, failures, files.length);
  return read.flatMap((item) => ('error' in item ? [] : [item]));
}

async function readHeader(
  context: SsmContext,
  uri: vscode.Uri,
  signal: AbortSignal,
): Promise<CheckpointSummary> {
  const file = localPath(uri);
  const summary = await inspectRemembering(context, file, signal);
  // which layers there are may depend on names that the person has yet to confirm
  if (summary.fieldQuestion === undefined) assertReducible(summary);
  return summary;
}

/** Throws `no-layers` or `bad-request` with the reason where nothing can be reduced. */
function assertReducible({ path: file, layers, refusals, choices }: CheckpointSummary): void {
  if (layers.length === 0) {
    throw new SsmError(
      'no-layers',
      refusals.at(0)?.reason ??
        t('No state-space layer was recognised in this file, so there is nothing to compress.'),
      { file },
    );
  }
  if (choices.length === 0) {
    throw new SsmError('bad-request', t('Its state-space layers are as small as they can be.'), {
      file,
    });
  }
}

function tellUnfit(
  { log }: SsmContext,
  failures: readonly { readonly file: vscode.Uri; readonly error: unknown }[],
  asked: number,
): void {
  const faults = failures.filter(({ error }) => !isCancelled(error));
  const first = faults.at(0);
  if (first === undefined) return;
  if (asked === 1) {
    reportFault(log, first.error);
    return;
  }
  for (const { error } of faults) log.error(faultForLog(error));
  const names = faults.map(({ file }) => path.basename(file.path)).join(', ');
  reportFault(
    log,
    new Error(
      t('{0} of {1} files cannot be compressed: {2}.', faults.length, asked, names) +
        ` ${describeFault(first.error)}`,
    ),
  );
}

/** What a run is asked beside its size and where its result goes. */
function runBase(
  context: SsmContext,
  summary: CheckpointSummary,
  { horizon = 'own', method, poles, samples, sharing }: Partial<Omit<Answers, 'size'>>,
): RunBase {
  const { path: file, fingerprint, layers } = summary;
  const sample = samples?.get(file);
  const fitting = fittingOf(sample);
  const weighed = isWeighed(sample);
  return {
    file,
    answers: { remembered: context.answers.recall(file, fingerprint) },
    ...fieldsOf(context, summary),
    ...sharingParams(sharing),
    untie: poles === 'own' && layers.some(({ untying }) => untying !== undefined),
    ...(horizon === 'own' || weighed ? {} : { horizon }),
    ...(method === undefined || weighed ? { solver: defaultSolver() } : method),
    ...(fitting === undefined ? {} : { calibration: sampleOf(fitting) }),
    ...recordingOf(sample),
  };
}

/** Asks for checkpoints when the command was called without. */
export async function pickCheckpoints(): Promise<vscode.Uri[]> {
  const picked = await vscode.window.showOpenDialog({
    canSelectMany: true,
    openLabel: t('Compress'),
    title: noticeText(t('Checkpoints to Compress')),
    filters: {
      [t('Checkpoints')]: [
        'safetensors',
        'pt',
        'pth',
        'ckpt',
        'msgpack',
        'eqx',
        'npz',
        'bin',
        'json',
      ],
    },
  });
  return picked ?? [];
}
