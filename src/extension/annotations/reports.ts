import * as vscode from 'vscode';
import { reportSuffix } from '../../protocol/report';
import type { LayerIndex } from './layerIndex';

/** More reports than this in a workspace are not looked for. */
const mostReports = 2000;

/** Reads the reports of the workspace into the index, and follows them and their checkpoints on disk. */
export function followReports(index: LayerIndex): vscode.Disposable {
  const reports = vscode.workspace.createFileSystemWatcher(`**/*${reportSuffix}`);
  const refresh = (uri: vscode.Uri): void => {
    if (uri.scheme === 'file') void index.refresh(uri.fsPath);
  };
  const checkpoints = vscode.workspace.createFileSystemWatcher(
    '**/*.{safetensors,pt,pth,ckpt,bin,npz,msgpack,eqx,index.json}',
  );
  const recheck = (uri: vscode.Uri): void => {
    if (uri.scheme === 'file') index.recheck(uri.fsPath);
  };
  const findAll = async (): Promise<void> => {
    const pattern = `**/*${reportSuffix}`;
    const found = await vscode.workspace.findFiles(pattern, '**/node_modules/**', mostReports);
    found.forEach(refresh);
  };
  void findAll();
  return vscode.Disposable.from(
    reports,
    reports.onDidCreate(refresh),
    reports.onDidChange(refresh),
    reports.onDidDelete(refresh),
    checkpoints,
    checkpoints.onDidCreate(recheck),
    checkpoints.onDidChange(recheck),
    checkpoints.onDidDelete(recheck),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void findAll()),
  );
}
