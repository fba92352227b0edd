import * as vscode from 'vscode';
import { SsmError } from '../../core/errors';
import type { LayerFigures, TensorStatistics } from '../../protocol/inspection';
import type { CheckpointSummary } from '../../protocol/worker';
import { fieldsOf } from '../answers/inspect';
import type { SsmContext } from '../context';
import { localPath } from '../platform/localPath';
import type { Query } from '../webviews/panel';

/** What was computed of a checkpoint since it was read, so that a page that is made again need not ask again. */
export interface Computed {
  readonly statistics: Map<string, TensorStatistics>;
  readonly figures: Map<string, LayerFigures>;
  /** Answers to the panel of a layer, by what was asked. */
  readonly charts: Map<string, unknown>;
}

export function nothingComputed(): Computed {
  return { statistics: new Map(), figures: new Map(), charts: new Map() };
}

/** The answers to what the page of a checkpoint asks. `latest` gives what was read of it and computed since. */
export function checkpointQueries(
  context: SsmContext,
  uri: vscode.Uri,
  latest: () => { readonly summary?: CheckpointSummary; readonly computed: Computed },
): Readonly<Record<'statistics' | 'layerFigures' | 'network' | 'copy', Query>> {
  const { worker, answers } = context;
  const file = localPath(uri);
  const fields = (): ReturnType<typeof fieldsOf> => {
    const { summary } = latest();
    return summary === undefined ? {} : fieldsOf(context, summary);
  };
  return {
    statistics: {
      async answer(params, { signal, onProgress }) {
        const tensors = texts(params, 'tensors');
        const { computed } = latest();
        const onEvent = { share: onProgress };
        const request = { file, tensors, ...fields() };
        const found = await worker.request('statistics', request, { signal, onEvent });
        for (const one of found) computed.statistics.set(one.name, one);
        return found;
      },
    },
    layerFigures: {
      async answer(params, { signal, onProgress }) {
        const { summary, computed } = latest();
        const remembered = answers.recall(file, summary?.fingerprint ?? '');
        const layers = texts(params, 'layers');
        const request = { file, layers, answers: { remembered }, ...fields() };
        const onEvent = { share: onProgress };
        const found = await worker.request('layerFigures', request, { signal, onEvent });
        for (const one of found) computed.figures.set(one.name, one);
        return found;
      },
    },
    network: {
      answer(_, { signal }) {
        const { summary } = latest();
        const remembered = answers.recall(file, summary?.fingerprint ?? '');
        return worker.request('describeNetwork', { file, answers: { remembered } }, { signal });
      },
    },
    copy: {
      async answer(params) {
        await vscode.env.clipboard.writeText(text(params));
        return null;
      },
    },
  };
}

function texts(params: unknown, key: string): readonly string[] {
  const list: unknown = isObject(params) ? params[key] : undefined;
  if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list;
  throw new SsmError('bad-request', `A list of ${key} is missing.`);
}

function text(params: unknown): string {
  if (isObject(params) && typeof params.text === 'string') return params.text;
  throw new SsmError('bad-request', 'The text is missing.');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
