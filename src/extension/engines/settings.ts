import * as vscode from 'vscode';
import { engineChoices, type EngineRecord, type EngineRequest } from '../../protocol/engines';
import { noticeText } from '../platform/noticeText';
import { engineNotice } from './notice';

/** What the settings say of engines, and where what they did is shown. */
export interface EngineUse {
  /** Where engines are installed: `ssm.engines.folder`, else the extension's own storage. */
  folder(): string;
  /** `ssm.compress.engine`, with that folder. */
  request(): EngineRequest;
  /** Shows what searched in the run that ended last, and says once what went otherwise than it was asked. */
  readonly show: (record: EngineRecord | undefined) => void;
}

export function createEngineUse(storage: vscode.Uri, show: EngineUse['show']): EngineUse {
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('ssm');
  const folder = (): string => {
    const setting = settings().get('engines.folder', '').trim();
    return setting === '' ? vscode.Uri.joinPath(storage, 'engines').fsPath : setting;
  };
  let told: string | undefined;
  return {
    folder,
    request() {
      const setting = settings().get('compress.engine', 'auto');
      const choice = engineChoices.find((one) => one === setting) ?? 'auto';
      return { choice, folder: folder() };
    },
    show(record) {
      show(record);
      const notice = record && engineNotice(record);
      if (notice === undefined || notice === told) return;
      told = notice;
      void vscode.window.showWarningMessage(noticeText(notice));
    },
  };
}
