import * as path from 'node:path';
import * as vscode from 'vscode';
import { reportSuffix } from '../../protocol/report';
import type { LayerIndex } from './layerIndex';
import { sourceSelector } from './sourceFile';

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
  // a folder that comes as a whole (moved, checked out) may be announced without what is in it
  const lookBeside = async ({ uri }: vscode.TextDocument): Promise<void> => {
    if (uri.scheme !== 'file') return;
    const known = new Set(index.all().map(({ report }) => report));
    const beside = (await reportsBeside(uri)).filter(({ fsPath }) => !known.has(fsPath));
    beside.slice(0, mostReports).forEach(refresh);
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
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (vscode.languages.match(sourceSelector, document) > 0) void lookBeside(document);
    }),
  );
}

/** Reports in the folder of a source file, or above it where Hydra keeps its configurations in `.hydra`. */
async function reportsBeside(file: vscode.Uri): Promise<vscode.Uri[]> {
  const folder = path.posix.dirname(file.path);
  const home = path.posix.basename(folder) === '.hydra' ? path.posix.dirname(folder) : folder;
  const uri = file.with({ path: home });
  try {
    const entries = await vscode.workspace.fs.readDirectory(uri);
    return entries
      .filter(([name]) => name.endsWith(reportSuffix))
      .map(([name]) => vscode.Uri.joinPath(uri, name));
  } catch {
    return []; // gone meanwhile
  }
}
