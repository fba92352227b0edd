import * as path from 'node:path';
import * as vscode from 'vscode';
import { SsmError } from '../../core/errors';
import type { ShownFault } from '../../protocol/webview';
import { showName } from '../../protocol/shown';
import type { SsmContext } from '../context';
import { describeFault, faultForLog } from '../platform/faults';
import { localPath } from '../platform/localPath';

type Contents<T> =
  | { readonly kind: 'reading' }
  | { readonly kind: 'failed'; readonly fault: ShownFault }
  | ({ readonly kind: 'ready' } & T);

/** The document behind an editor: what was read from a file, and whether the file has changed since. */
export class WatchedFile<T extends object> implements vscode.CustomDocument {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChange = this.changed.event;
  private readonly watcher: vscode.FileSystemWatcher;
  private contents: Contents<T> = { kind: 'reading' };
  private revision = 0;
  private outdated: 'no' | 'changed' | 'deleted' = 'no';
  private reading = new AbortController();

  /** `read` gets the file's path; what it throws is shown in place of the contents. */
  constructor(
    readonly uri: vscode.Uri,
    private readonly context: SsmContext,
    private readonly read: (file: string, signal: AbortSignal) => Promise<T>,
  ) {
    const folder = vscode.Uri.joinPath(uri, '..');
    const pattern = path.posix.basename(uri.path).replace(/[*?[\]{}]/g, '[$&]');
    this.watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(folder, pattern),
    );
    this.watcher.onDidChange(() => {
      this.markOutdated('changed');
    });
    this.watcher.onDidCreate(() => {
      this.markOutdated('changed');
    });
    this.watcher.onDidDelete(() => {
      this.markOutdated('deleted');
    });
    void this.reload();
  }

  /** What the webview draws. */
  state(): Contents<T> & {
    fileName: string;
    revision: number;
    outdated: 'no' | 'changed' | 'deleted';
  } {
    return {
      ...this.contents,
      fileName: path.posix.basename(this.uri.path),
      revision: this.revision,
      outdated: this.outdated,
    };
  }

  /** Reads the file anew. What was shown stays until the new contents are there. */
  async reload(): Promise<void> {
    this.reading.abort();
    const { signal } = (this.reading = new AbortController());
    this.outdated = 'no';
    let contents: Contents<T>;
    try {
      contents = { kind: 'ready', ...(await this.read(localPath(this.uri), signal)) };
    } catch (error) {
      contents = { kind: 'failed', fault: shownFault(error) };
      if (!signal.aborted) this.context.log.error(faultForLog(error));
    }
    if (signal.aborted) return;
    this.contents = contents;
    this.revision++;
    this.changed.fire(undefined);
  }

  dispose(): void {
    this.reading.abort();
    this.watcher.dispose();
    this.changed.dispose();
  }

  private markOutdated(how: 'changed' | 'deleted'): void {
    this.outdated = how;
    this.changed.fire(undefined);
  }
}

function shownFault(error: unknown): ShownFault {
  if (!SsmError.is(error)) return { reason: 'internal', message: describeFault(error) };
  return {
    reason: error.reason,
    message: error.message,
    ...(error.place === undefined ? {} : { place: showName(error.place, 600) }),
  };
}
