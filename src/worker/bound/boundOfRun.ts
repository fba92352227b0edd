import { SsmError } from '../../core/errors';
import type { Network } from '../../core/network/network';
import { slotCount } from '../../core/systems/kernels';
import type { BoundRecord } from '../../protocol/bound';
import { openInput } from '../checkpointInput';
import type { CalibrationSession } from '../calibrate/session';
import { evidenceOf } from '../hyper';
import { assertNoQuestions, loadSettled, settleNetwork, type SettledNetwork } from '../openNetwork';
import type { Run } from '../run';
import { defaultHorizon } from '../settings';
import { longestOf, sourceOf } from './boundFile';
import { boundOf } from './boundOf';
import { affordableSequences, type BoundSamples } from './evidence';

/** The bound of a run, or in words why there is none. */
export type BoundOutcome = { readonly bound: BoundRecord } | { readonly noBound: string };

/** Numbers of the tensors around the layers that are held in memory for a bound nobody asked for. */
const mostNumbers = 2 ** 24;
/** Terms of kernels (modes times steps) that are summed for it: half a minute on an ordinary machine. */
const mostTerms = 2 ** 28;

/**
 * What a run does to the output of the network: of the written file, before it gets its name, against the original; with
 * sample data where the run has some. A network that is not known, or not to the end, has no bound; that makes no run fail.
 * @throws SsmError `cancelled`, `worker-lost`
 */
export async function boundOfRun(
  run: Run,
  session: CalibrationSession | undefined,
): Promise<BoundOutcome> {
  try {
    return { bound: await boundIt(run, session) };
  } catch (error) {
    if (!SsmError.is(error) || error.reason === 'cancelled' || error.reason === 'worker-lost') {
      throw error;
    }
    return { noBound: error.message };
  } finally {
    if (session !== undefined) run.meter.bounding(1);
  }
}

async function boundIt(run: Run, session: CalibrationSession | undefined): Promise<BoundRecord> {
  const { checkpoint, sidecars, params, engine, signal, meter } = run;
  const settled = settleNetwork(checkpoint, evidenceOf(checkpoint, sidecars, params.answers));
  assertNoQuestions(settled);
  assertAffordable(run, settled);
  const original = session?.network ?? (await loadSettled(checkpoint, settled, signal));
  const steps = session === undefined ? lengthOf(run, original) : 1;
  assertSummable(original, session === undefined ? steps : longestOf(session.heldOut.samples));
  return boundOf(original, await writtenNetwork(run), {
    ...{ engine, signal, length: steps },
    ...(session && { samples: samplesOf(run, session) }),
    onSequence: (done, total) => {
      meter.bounding(done / total);
    },
  });
}

/** The steps that the run compares over; where they are endless, those of the kernels. */
function lengthOf({ plan }: Run, { layers }: Network): number {
  const steps = Math.min(plan.horizon.steps, ...layers.map(({ horizon = Infinity }) => horizon));
  return Number.isFinite(steps) ? steps : defaultHorizon;
}

async function writtenNetwork({ files, sidecars, params, signal }: Run): Promise<Network> {
  const input = await openInput(files.checkpoint.temporary, files.checkpoint.target);
  try {
    const written = await input.checkpoint(signal, params.fields && { fields: params.fields });
    const settled = settleNetwork(written, evidenceOf(written, sidecars, params.answers));
    assertNoQuestions(settled);
    return await loadSettled(written, settled, signal);
  } finally {
    await input.close();
  }
}

/** Conditions from what was calibrated with, the error measured on what was held out. */
function samplesOf({ signal }: Run, session: CalibrationSession): BoundSamples {
  const { network, sequences, heldOut, data } = session;
  const { observed, measured } = affordableSequences(network, longestOf(heldOut.samples));
  const indices = heldOut.indices.slice(0, observed);
  return {
    description: data,
    recorded: {
      count: Math.min(sequences.length, observed),
      sequence: (i) => Promise.resolve(sequences[i]),
    },
    others: sourceOf(heldOut.samples, indices, signal),
    measured,
  };
}

function assertAffordable({ checkpoint }: Run, { recognised }: SettledNetwork): void {
  const around = new Set(recognised.tensors);
  const numbers = checkpoint.tensors
    .filter(({ name }) => around.has(name))
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  if (numbers > mostNumbers) throw tooLarge();
}

/** Kernels are summed mode by mode and step by step. */
function assertSummable({ layers }: Network, steps: number): void {
  const terms = layers.reduce((sum, { systems, inputs, outputs, bidirectional }) => {
    const kernels = systems.kind === 'mimo' ? inputs * outputs : outputs;
    return sum + kernels * slotCount(systems) * (bidirectional === undefined ? 1 : 2);
  }, 0);
  if (terms * steps > mostTerms) throw tooLarge();
}

function tooLarge(): SsmError {
  return new SsmError(
    'bad-request',
    'The network is large and its bound takes long. Ask for it: ssm bound.',
  );
}
