import { performance } from 'node:perf_hooks';
import { maliciousFiles } from '../../test/support/malicious';
import { mutateInside } from './inside';
import { mutate } from './mutate';
import { seeded } from './random';
import { samples } from './samples';
import { useUp } from './useUp';

/** What the child tells its parent about a case. */
export interface CaseReport {
  readonly number: number;
  readonly sample: string;
  /** Absent when the case begins. */
  readonly outcome?: 'used' | 'refused' | 'failed';
  readonly problem?: string;
  readonly seconds?: number;
}

const MOST_MEGABYTES = 512;
const MOST_SECONDS = 2;

/** Runs the cases [first, last) or until killed, telling the parent of each before and after. */
async function main(): Promise<void> {
  const [first = 0, last = Infinity] = process.argv.slice(2).map(Number);
  const all = samples(process.cwd()).filter(({ files }) =>
    [...files.values()].every(({ length }) => length > 0),
  );
  if (first === 0)
    for (const [name, bytes] of await maliciousFiles()) {
      await tell({ number: -1, sample: name });
      await tell({ number: -1, sample: name, ...(await judge(new Map([[name, bytes]]))) });
    }
  for (let number = first; number < last; number++) {
    const random = seeded(number);
    const { name, files } = random.pick(all as [(typeof all)[0]]);
    const spoiled = new Map(files);
    const target = random.pick([...files.keys()] as [string]);
    const change = random.below(2) === 0 ? mutate : mutateInside;
    spoiled.set(target, await change(files.get(target)!, random));
    await tell({ number, sample: name });
    await tell({ number, sample: name, ...(await judge(spoiled)) });
  }
}

/** Processor time counts, not the time on the clock: the machine may be busy with something else. */
async function judge(
  files: ReadonlyMap<string, Uint8Array>,
): Promise<Pick<CaseReport, 'outcome' | 'problem' | 'seconds'>> {
  const { user, system } = process.cpuUsage();
  const started = performance.now();
  try {
    const outcome = await useUp(files);
    const used = process.cpuUsage();
    const processor = (used.user + used.system - user - system) / 1e6;
    const seconds = Math.min(processor, (performance.now() - started) / 1000);
    const megabytes = process.resourceUsage().maxRSS / 1024;
    if (seconds > MOST_SECONDS)
      return { outcome: 'failed', problem: `It took ${seconds.toFixed(1)} s.`, seconds };
    if (megabytes > MOST_MEGABYTES)
      return { outcome: 'failed', problem: `It took ${Math.round(megabytes)} MB.`, seconds };
    return { outcome, seconds };
  } catch (error) {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { outcome: 'failed', problem };
  }
}

function tell(report: CaseReport): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(report, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

void main().then(() => {
  process.disconnect();
});
