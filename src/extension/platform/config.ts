import * as vscode from 'vscode';
import { solverIds } from '../../core/solve/solver';
import type { SolverId } from '../../core/solve/solver';

function text(key: string): string {
  return vscode.workspace.getConfiguration('ssm').get(key, '').trim();
}

/** `ssm.worker.nodePath`: the Node to run the worker with, undefined for VS Code's own. */
export function workerNodePath(): string | undefined {
  const path = text('worker.nodePath');
  return path === '' ? undefined : path;
}

/** `ssm.compress.showTradeoff`: whether the trade-off curve opens by itself while a size is asked for. */
export function showsTradeoff(): boolean {
  return vscode.workspace.getConfiguration('ssm').get('compress.showTradeoff', true);
}

/** `ssm.compress.defaultSolver`: the solver offered first. */
export function defaultSolver(): SolverId {
  const solver = text('compress.defaultSolver');
  return solverIds.find((id) => id === solver) ?? solverIds[0];
}
