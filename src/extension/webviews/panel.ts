import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
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
  { webview, onDidDispose }: vscode.WebviewPanel,
  { bundle, title, texts, model }: PanelOptions<TTexts, TState, TAction>,
): void {
  const root = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
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
