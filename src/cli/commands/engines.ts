import { cpus } from 'node:os';
import { engineNames, type EngineTrial } from '../../protocol/engines';
import { showName } from '../../protocol/shown';
import { listEngines } from '../../worker/engines/list';
import { enginesFolder } from '../../worker/engines/start';
import { openerFor } from '../../worker/engines/trial';
import { threadCount } from '../../worker/threadPool';
import { formatTable } from '../table';
import type { Terminal } from '../terminal';

export interface EnginesOptions {
  readonly enginesFolder?: string;
  readonly json?: boolean;
}

/** `ssm engines`: what can compute here, each tried and tested. */
export async function enginesCommand(
  { enginesFolder: given, json = false }: EnginesOptions,
  terminal: Terminal,
): Promise<void> {
  const folder = given ?? enginesFolder();
  const trials = await listEngines(openerFor({ folder }));
  const lines = json ? [JSON.stringify({ folder, trials }, undefined, 2)] : describe(trials);
  for (const line of lines) terminal.print(line);
}

function describe(trials: readonly EngineTrial[]): string[] {
  const cpu = cpus()[0]?.model.trim() ?? 'CPU';
  return formatTable(
    [
      ['Engine', 'Device', 'Verdict'],
      ['CPU (cpu)', showName(cpu, 80), `Always there: double precision, ${threadCount()} threads.`],
      ...trials.map(({ engine, device, verdict, selfTest }) => [
        `${engineNames[engine]} (${engine})`,
        device === undefined ? '–' : showName(device.name, 120),
        selfTest === undefined
          ? verdict
          : `${verdict} Largest errors: values ${figure(selfTest.valueError)}, gradients ${figure(selfTest.gradientError)}.`,
      ]),
    ],
    ['left', 'left', 'left'],
  );
}

function figure(value: number): string {
  return value.toExponential(1);
}
