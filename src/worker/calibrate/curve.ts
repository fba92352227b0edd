import { SsmError } from '../../core/errors';
import type { CalibrationParams, CurvePoint } from '../../protocol/calibration';
import type {
  CompressProgress,
  CurveParams,
  CurveResult,
  OrderChoice,
} from '../../protocol/worker';
import { openInput } from '../checkpointInput';
import type { Engine } from '../engine';
import { countParameters } from '../orders';
import { assertNamed, assertNotRefused } from '../refusals';
import { layersOf } from '../inspect';
import { readSidecars } from '../sidecars';
import { startBeside } from '../engines/start';
import { withEngine } from '../withEngine';
import { ordersToTry, tryOrder } from './searchOrder';
import { choicesOf, trialTools } from './searchTarget';
import { openCalibration } from './session';

export interface CurveOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CompressProgress) => void;
  readonly startEngine?: () => Promise<Engine>;
}

/**
 * The trade-off between order and what is lost: the checkpoint is calibrated at several orders, each measured on the
 * held-out sequences. Writes nothing.
 *
 * @throws SsmError as a calibrated compression does
 */
export async function traceCurve(
  params: CurveParams & { readonly calibration: CalibrationParams },
  { signal, onProgress = () => undefined, startEngine }: CurveOptions = {},
): Promise<Omit<CurveResult, 'points'> & { readonly points: readonly CurvePoint[] }> {
  const begin = performance.now();
  const source = await openInput(params.file);
  try {
    const checkpoint = await source.checkpoint(signal, params.fields && { fields: params.fields });
    assertNotRefused(checkpoint);
    assertNamed(checkpoint);
    const sidecars = await readSidecars(params.file, signal);
    const beside = { checkpoint, sidecars };
    const session = await openCalibration(
      { ...beside, answers: params.answers },
      params.calibration,
      signal,
    );
    try {
      const opened = { ...beside, session };
      const choices = wanted(choicesOf(opened, params), params.orders);
      const systems = layersOf(checkpoint).reduce((sum, { channels }) => sum + channels, 0);
      const start = startEngine ?? (() => startBeside(params.engine, systems * choices.length));
      const { points, ...used } = await withEngine(start, signal, async (engine) => {
        const tools = trialTools(params, opened, { engine, signal, onProgress });
        const found: CurvePoint[] = [];
        for (const [run, choice] of choices.entries()) {
          tools.onRun?.(run, choices.length);
          const { order, parameters, evaluation } = await tryOrder(session, choice, tools);
          found.push({ order, parameters, evaluation });
        }
        return { points: found, ...usedEngine(engine) };
      });
      return {
        points,
        parametersBefore: countParameters(checkpoint.tensors),
        orderBefore: Math.max(...layersOf(checkpoint).map(({ order }) => order)),
        notes: [...sidecars.notes, ...used.notes],
        ...(used.engine === undefined ? {} : { engine: used.engine }),
        seconds: (performance.now() - begin) / 1000,
      };
    } finally {
      await session.close();
    }
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(params.file) : error;
  } finally {
    await source.close();
  }
}

/** What a result says of what computed it. */
export function usedEngine({
  search: engine,
  notes,
}: Engine): Pick<CurveResult, 'engine' | 'notes'> {
  return { notes, ...(engine === undefined ? {} : { engine }) };
}

/** The orders asked for; by default powers of two of slots, from the smallest up to half the present order. */
function wanted(
  choices: readonly OrderChoice[],
  orders: readonly number[] | undefined,
): OrderChoice[] {
  if (orders === undefined) {
    const few = ordersToTry(choices).filter((_, at) => at % 2 === 1 || at === 0);
    return few.filter(({ order }) => order <= (choices.at(-1)?.order ?? 0) / 2 + 1);
  }
  const unknown = orders.find((order) => !choices.some((choice) => choice.order === order));
  if (unknown !== undefined) {
    throw new SsmError(
      'bad-request',
      `The layers of this model cannot have order ${unknown}. Possible: ${choices.map(({ order }) => order).join(', ')}.`,
    );
  }
  return choices.filter(({ order }) => orders.includes(order));
}
