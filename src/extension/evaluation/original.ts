import { access } from 'node:fs/promises';
import * as path from 'node:path';
import { reportSuffix } from '../../protocol/report';
import type { SsmContext } from '../context';
import { faultForLog, isCancelled } from '../platform/faults';

/** A model to evaluate, and the original that it was made from where that is known and still there. */
export interface Judged {
  readonly file: string;
  readonly original?: string;
  /** The sample data that it was calibrated with. */
  readonly calibratedWith?: string;
}

/** What to evaluate for a checkpoint or a report: the report, or the one beside the checkpoint, names the original. */
export async function judgedBy(
  context: SsmContext,
  file: string,
  signal: AbortSignal,
): Promise<Judged> {
  if (file.endsWith(reportSuffix)) return fromReport(context, file, signal);
  const beside = file + reportSuffix;
  if (!(await exists(beside))) return { file };
  try {
    return { ...(await fromReport(context, beside, signal)), file };
  } catch (error) {
    if (isCancelled(error)) throw error;
    context.log.warn(faultForLog(error)); // a report that cannot be read names no original
    return { file };
  }
}

async function fromReport(
  { worker }: SsmContext,
  report: string,
  signal: AbortSignal,
): Promise<Judged> {
  const { source, result, request } = await worker.request(
    'readReport',
    { file: report },
    { signal },
  );
  const beside = (relative: string): string => path.resolve(path.dirname(report), relative);
  const original = beside(source.path);
  const { calibration } = request;
  return {
    file: beside(result.path),
    ...((await exists(original)) ? { original } : {}),
    ...(calibration === undefined ? {} : { calibratedWith: beside(calibration.data) }),
  };
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
