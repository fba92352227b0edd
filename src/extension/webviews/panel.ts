import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { SsmError } from '../../core/errors';
import { createPeer } from '../../protocol/peer';
import type { Texts } from '../../protocol/texts';
import { isSavedFile } from '../../protocol/webview';
import type { WebviewEvents, WebviewMethods } from '../../protocol/webview';
import type { SsmContext } from '../context';
import { reportFault } from '../platform/faults';
import { pageHtml } from './html';
import { saveBeside } from './saveFile';

/** What a webview draws and how it reaches back. */
export interface PanelModel<TState, TAction extends string> {
  /** The file that is shown. */
  readonly uri: vscode.Uri;
  /** The newest state, complete. */
  state(): TState;
  readonly onDidChange: vscode.Event<unknown>;
  readonly actions: Readonly<Record<TAction, (value?: number) => unknown>>;
  /** What the page may ask, by name. */
  readonly queries?: Readonly<Record<string, Query>>;
}

/** How a question of a page is answered. */
export interface Query {
  /** The answer. Throws for parameters that are none. */
  answer(params: unknown, asked: Asked): Promise<unknown>;
}

export interface Asked {
  /** Aborted when the page gives up or is hidden: a hidden page is destroyed and would not get the answer. */
  readonly signal: AbortSignal;
  readonly onProgress: (fraction: number) => void;
}

export interface PanelOptions<TTexts extends object, TState, TAction extends string> {
  /** Folder of the bundle below dist/webview. */
  readonly bundle: string;
  readonly title: string;
  readonly texts: TTexts;
  readonly model: PanelModel<TState, TAction>;
}

/** Fills a webview panel with one of our pages and serves it until it is closed. */
export function servePanel<TTexts extends object, TState, TAction extends string>(
  { extensionUri, log }: SsmContext,
  panel: vscode.WebviewPanel,
  { bundle, title, texts, model }: PanelOptions<TTexts, TState, TAction>,
): void {
  const { webview, onDidDispose } = panel;
  const root = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
  const visible = whileVisible(panel);
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  const peer = createPeer<WebviewMethods<Texts<TTexts>, TAction>, WebviewEvents<TState>>({
    send: (message) => void webview.postMessage(message),
    handlers: {
      start: () => ({ texts: translate(texts), language: vscode.env.language }),
      watch: (_, { signal, emit }) =>
        new Promise((resolve) => {
          const send = (): void => {
            emit('state', model.state());
          };
          const listener = model.onDidChange(send);
          signal.addEventListener('abort', () => {
            listener.dispose();
            resolve(null);
          });
          send();
        }),
      act: async ({ action, value }) => {
        await model.actions[action](value);
        return null;
      },
      ask: async ({ question, params }, { signal, emit }) => {
        const queries = model.queries ?? {};
        if (!Object.hasOwn(queries, question)) {
          throw new SsmError('bad-request', `Unknown question ${question}.`);
        }
        return queries[question].answer(params, {
          signal: AbortSignal.any([signal, visible()]),
          onProgress: (fraction) => {
            emit('progress', fraction);
          },
        });
      },
      save: async (file) => {
        await saveBeside(model.uri, file).catch((error: unknown) => {
          reportFault(log, error, vscode.l10n.t('The file could not be saved:'));
        });
        return null;
      },
    },
    guards: {
      params: {
        act: (value): value is { action: TAction; value?: number } =>
          isAction(value, model.actions),
        ask: isQuestion,
        save: isSavedFile,
      },
    },
    onProtocolError: (problem) => {
      log.warn(`Webview ${bundle}: ${problem}`);
    },
  });
  const receiving = webview.onDidReceiveMessage((message: unknown) => {
    peer.receive(message);
  });
  onDidDispose(() => {
    receiving.dispose();
    peer.close(new Error('The editor was closed.'));
  });
  const resource = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(root, file)).toString();
  webview.html = pageHtml({
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64url'),
    script: resource(`${bundle}.js`),
    style: resource(`${bundle}.css`),
    language: vscode.env.language,
    title,
  });
}

/** A function that gives a signal aborted when the panel is hidden from now on. */
function whileVisible({ onDidChangeViewState }: vscode.WebviewPanel): () => AbortSignal {
  let shown = new AbortController();
  onDidChangeViewState(({ webviewPanel }) => {
    if (webviewPanel.visible) return;
    shown.abort();
    shown = new AbortController();
  });
  return () => shown.signal;
}

function isQuestion(value: unknown): value is { question: string; params: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'question' in value &&
    typeof value.question === 'string' &&
    'params' in value
  );
}

function isAction(value: unknown, actions: object): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'action' in value &&
    typeof value.action === 'string' &&
    Object.hasOwn(actions, value.action) &&
    (!('value' in value) || typeof value.value === 'number')
  );
}

function translate<T extends object>(texts: T): Texts<T> {
  const entries = Object.entries(texts) as [string, string][];
  return Object.fromEntries(entries.map(([key, text]) => [key, vscode.l10n.t(text)])) as Texts<T>;
}
