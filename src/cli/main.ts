#!/usr/bin/env node
import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { SsmError } from '../core/errors';
import { showName } from '../protocol/shown';
import { createProgram } from './program';
import { processTerminal } from './terminal';

/** Exit codes, kept stable: 0 success, 1 failure, 2 wrong usage, 128 + n interrupted by signal n. */
const failure = 1;
const wrongUsage = 2;

async function main(): Promise<number> {
  const controller = new AbortController();
  let interrupted: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const code = 128 + constants.signals[signal];
      if (interrupted !== undefined) process.exit(code); // asked twice: now
      interrupted = code;
      controller.abort();
    });
  }
  const terminal = processTerminal(controller.signal);
  try {
    await createProgram(terminal).parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage;
    if (interrupted !== undefined) {
      terminal.remark('ssm: interrupted; nothing was written.');
      return interrupted;
    }
    terminal.remark(`ssm: ${describe(error)}`);
    return failure;
  }
}

function describe(error: unknown): string {
  if (SsmError.is(error) && error.reason !== 'internal') return showName(error.describe(), 2000);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

void main().then((code) => {
  process.exitCode = code;
});
