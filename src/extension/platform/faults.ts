import * as path from 'node:path';
import * as vscode from 'vscode';
import { SsmError } from '../../core/errors';
import { noticeText } from './noticeText';

/** Whether an error is nothing but the end that the person asked for. */
export function isCancelled(error: unknown): boolean {
  return SsmError.is(error) && error.reason === 'cancelled';
}

/** An error in one line: the file by its name, the place in it, the reason. */
export function describeFault(error: unknown): string {
  if (!SsmError.is(error)) return error instanceof Error ? error.message : String(error);
  const file = error.file === undefined ? undefined : path.basename(error.file);
  return [file, error.place, error.message].filter((part) => part !== undefined).join(': ');
}

/** An error with everything known about it, for the log. */
export function faultForLog(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const more = typeof cause === 'string' ? cause : cause instanceof Error ? cause.stack : undefined;
  const first = SsmError.is(error) ? `[${error.reason}] ${error.describe()}` : error.stack;
  return [first, more].filter((part) => part !== undefined).join('\n');
}

/** Tells of a failure: one sentence in a notification, everything else in the log. */
export function reportFault(log: vscode.LogOutputChannel, error: unknown, title?: string): void {
  log.error(faultForLog(error));
  const text = [title, describeFault(error)].filter((part) => part !== undefined).join(' ');
  const showLog = vscode.l10n.t('Show Log');
  void vscode.window.showErrorMessage(noticeText(text), showLog).then((choice) => {
    if (choice === showLog) log.show(true);
  });
}
