import { SsmError } from '../../core/errors';
import type { AskedOfLayer } from '../../protocol/layerCharts';
import type { CheckpointSummary } from '../../protocol/worker';
import type { CheckpointFacts } from '../annotations/facts';
import type { SsmContext } from '../context';
import type { Query } from '../webviews/panel';
import type { Computed } from './queries';

/** So many answers are kept, so that a page that is made again has its charts at once. */
const mostKept = 12;

/**
 * The answers to what the panel of a layer asks. What is known of a compression of the file is drawn beside it.
 *
 * @param parts `latest` gives what was read of the file and computed since, `known` the compression that is drawn beside,
 *   the one of that report where it is known
 */
export function layerQueries(
  { worker, answers, engines }: Pick<SsmContext, 'worker' | 'answers' | 'engines'>,
  file: string,
  {
    latest,
    known,
  }: {
    readonly latest: () => { readonly summary?: CheckpointSummary; readonly computed: Computed };
    readonly known: (report: string | undefined) => CheckpointFacts | undefined;
  },
): Readonly<Record<'layerCharts' | 'layerCurve', Query>> {
  const query = (method: 'layerCharts' | 'layerCurve'): Query => ({
    async answer(params, { signal, onProgress }) {
      const { report: wanted, ...asked } = layerAsked(params);
      const { summary, computed } = latest();
      const facts = known(wanted);
      const reduced = facts?.layers.find(({ name }) => name === asked.layer);
      const engine = engines.request();
      const of = [asked.layer, asked.channel, facts?.report, reduced, engine.choice];
      const key = JSON.stringify([method, ...of]);
      if (computed.charts.has(key)) return computed.charts.get(key);
      const request = {
        ...asked,
        ...{
          file,
          engine,
          answers: { remembered: answers.recall(file, summary?.fingerprint ?? '') },
        },
        ...(facts === undefined ? {} : { report: facts.report }),
      };
      const onEvent = { share: onProgress };
      const found = await worker.request(method, request, { signal, onEvent });
      computed.charts.set(key, found);
      for (const old of [...computed.charts.keys()].slice(0, -mostKept))
        computed.charts.delete(old);
      return found;
    },
  });
  return { layerCharts: query('layerCharts'), layerCurve: query('layerCurve') };
}

function layerAsked(params: unknown): AskedOfLayer {
  const { layer, channel, report } = (params ?? {}) as Partial<Record<keyof AskedOfLayer, unknown>>;
  if (typeof layer !== 'string')
    throw new SsmError('bad-request', 'The name of a layer is missing.');
  return {
    layer,
    ...(typeof channel === 'number' ? { channel } : {}),
    ...(typeof report === 'string' ? { report } : {}),
  };
}
