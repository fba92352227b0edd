import { readFile } from 'node:fs/promises';
import { SsmError } from '../core/errors';
import { isReport, reportKind, reportVersion, type Report } from '../protocol/report';
import { cannotRead } from './fileErrors';

/** Reads a report file. Throws `cannot-read`, or `bad-file` where it is no report that this version understands. */
export async function readReport(file: string, signal?: AbortSignal): Promise<Report> {
  const text = await readFile(file, {
    encoding: 'utf8',
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw cannotRead(error, file);
  });
  const value = parseJson(text, file);
  if (isReport(value)) return value;
  throw new SsmError('bad-file', whatIsWrong(value), { file });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SsmError('bad-file', `This is not JSON: ${why}`, { file }, { cause: error });
  }
}

function whatIsWrong(value: unknown): string {
  const { kind, version } = (value ?? {}) as { kind?: unknown; version?: unknown };
  if (kind !== reportKind) return 'This is not a report of SSM Compress.';
  if (typeof version === 'number' && version !== reportVersion) {
    return `The report has version ${version}; this program reads version ${reportVersion}.`;
  }
  return 'The report is damaged: parts of it are missing or malformed.';
}
