import { createPeer } from '../src/protocol/peer';
import type { Peer } from '../src/protocol/peer';
import type { Queries, SavedFile, WebviewEvents, WebviewMethods } from '../src/protocol/webview';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** What the editor remembers of itself while it is hidden. */
export interface Remembered {
  readonly scroll: number;
  readonly search: string;
  /** What was chosen where one of several can be: an order. */
  readonly chosen?: number;
  /** Of the layers: what was searched for, how they are sorted, the current one. */
  readonly layers?: RememberedList;
  readonly tensors?: Pick<RememberedList, 'sort'>;
  /** The compression that is shown beside the file, by the path of its report. */
  readonly reduction?: string;
  /** What the panel of one layer showed; it knows what of it makes sense. */
  readonly layerPanel?: unknown;
  /** Reports that are compared. */
  readonly reports?: readonly string[];
  /** What was picked from lists, by their names. */
  readonly picked?: Readonly<Record<string, string>>;
  /** Charts whose numbers are shown as a table. */
  readonly tables?: readonly string[];
  /** What is seen of charts that are zoomed, by their names. */
  readonly zooms?: Readonly<Record<string, unknown>>;
  /** The name by which the host finds again what the page shows. */
  readonly panel?: string;
}

export interface RememberedList {
  readonly search?: string | undefined;
  readonly sort?: { readonly column: string; readonly descending: boolean } | undefined;
  readonly current?: string | undefined;
}

export interface AskOptions {
  /** Aborting gives the question up; it is then rejected. */
  readonly signal?: AbortSignal;
  /** Hears how far the answer is, 0 … 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** The connection of a page with the extension host. */
export interface Host<
  TTexts,
  TState,
  TAction extends string,
  TQueries extends Queries<TQueries> = object,
> {
  readonly texts: TTexts;
  readonly language: string;
  /** Calls back with the whole state, now and whenever it changes. */
  watch(draw: (state: TState) => void): void;
  readonly act: (action: TAction, value?: number) => void;
  /** Asks what has to be computed. Rejects with an error whose message is for the person. */
  readonly ask: <Q extends Extract<keyof TQueries, string>>(
    question: Q,
    params: TQueries[Q]['params'],
    options?: AskOptions,
  ) => Promise<TQueries[Q]['result']>;
  /** Lets the person save a file. */
  readonly save: (file: SavedFile) => void;
  readonly recall: () => Remembered;
  readonly remember: (part: Partial<Remembered>) => void;
}

/** Connects to the extension host. To be called once. */
export async function connect<
  TTexts,
  TState,
  TAction extends string,
  TQueries extends Queries<TQueries> = object,
>(): Promise<Host<TTexts, TState, TAction, TQueries>> {
  const api = acquireVsCodeApi();
  const peer: Peer<WebviewMethods<TTexts, TAction>, WebviewEvents<TState>> = createPeer({
    send: (message) => {
      api.postMessage(message);
    },
    // the page may be destroyed and made again while the host lives on
    firstId: Math.floor(performance.timeOrigin * 1000),
    onProtocolError: () => undefined, // messages of others, the toolkit's for one, are none of ours
  });
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    peer.receive(event.data);
  });
  // both are asked for at once: a way there and back is a good part of what the person waits for
  const seen: { state?: TState; draw?: (state: TState) => void } = {};
  const starting = peer.request('start', null);
  void peer.request('watch', null, {
    onEvent: {
      state: (state) => {
        seen.state = state;
        seen.draw?.(state);
      },
    },
  });
  const { texts, language } = await starting;
  const recall = (): Remembered => remembered(api.getState());
  return {
    texts,
    language,
    watch: (draw) => {
      seen.draw = draw;
      if (seen.state !== undefined) draw(seen.state);
    },
    act: (action, value) =>
      void peer
        .request('act', { action, ...(value === undefined ? {} : { value }) })
        .catch(() => undefined), // told by the host
    ask: (question, params, { signal, onProgress } = {}) =>
      peer.request(
        'ask',
        { question, params },
        {
          ...(signal === undefined ? {} : { signal }),
          ...(onProgress === undefined ? {} : { onEvent: { progress: onProgress } }),
        },
      ),
    save: (file) => void peer.request('save', file).catch(() => undefined), // told by the host
    recall,
    remember: (part) => {
      api.setState({ ...recall(), ...part });
    },
  };
}

function remembered(state: unknown): Remembered {
  const known = (typeof state === 'object' && state !== null ? state : {}) as Partial<
    Record<keyof Remembered, unknown>
  >;
  return {
    scroll: typeof known.scroll === 'number' ? known.scroll : 0,
    search: typeof known.search === 'string' ? known.search : '',
    ...(typeof known.chosen === 'number' ? { chosen: known.chosen } : {}),
    ...(isObject(known.layers) ? { layers: rememberedList(known.layers) } : {}),
    ...(isObject(known.tensors) ? { tensors: rememberedList(known.tensors) } : {}),
    ...(typeof known.panel === 'string' ? { panel: known.panel } : {}),
    ...(typeof known.reduction === 'string' ? { reduction: known.reduction } : {}),
    layerPanel: known.layerPanel,
    ...(isObject(known.picked)
      ? { picked: Object.fromEntries(Object.entries(known.picked).map(([k, v]) => [k, String(v)])) }
      : {}),
    ...(Array.isArray(known.tables) ? { tables: known.tables.map(String) } : {}),
    ...(isObject(known.zooms) ? { zooms: known.zooms } : {}),
    ...(Array.isArray(known.reports) ? { reports: known.reports.map(String) } : {}),
  };
}

function rememberedList({
  search,
  sort,
  current,
}: Readonly<Record<string, unknown>>): RememberedList {
  const { column, descending } = isObject(sort) ? sort : {};
  return {
    ...(typeof search === 'string' ? { search } : {}),
    ...(typeof column === 'string' ? { sort: { column, descending: descending === true } } : {}),
    ...(typeof current === 'string' ? { current } : {}),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

let keepsScroll = false;

/** Scrolls to where the page was when it was last seen, and remembers where it is from now on. */
export function keepScroll({
  recall,
  remember,
}: Pick<Host<unknown, unknown, string>, 'recall' | 'remember'>): void {
  if (keepsScroll) return;
  keepsScroll = true;
  const { scroll } = recall();
  requestAnimationFrame(() => {
    window.scrollTo(0, scroll);
    window.addEventListener('scrollend', () => {
      remember({ scroll: window.scrollY });
    });
  });
}
