import * as vscode from 'vscode';
import { engineNames, type EngineRecord } from '../../protocol/engines';

const { t } = vscode.l10n;

/**
 * What a person should know at once of the engine of a run: that it was lost, cannot be used, computes wrongly, or is on no
 * GPU. Undefined where everything went as it was asked.
 */
export function engineNotice({
  requested,
  used,
  lost,
  device,
  tried,
}: EngineRecord): string | undefined {
  if (lost !== undefined) {
    return t(
      '{0} was lost during the run, and the processor went on alone: {1}',
      engineNames[used],
      lost,
    );
  }
  const wrong = tried.find(({ selfTest }) => selfTest?.passed === false);
  if (wrong !== undefined) {
    return t(
      '{0} computes wrongly on {1} and is not used: it failed its self-test.',
      engineNames[wrong.engine],
      wrong.device?.name ?? '–',
    );
  }
  if (requested === 'auto' || requested === 'cpu') return undefined;
  const name = engineNames[requested];
  if (used === 'cpu') {
    const verdict = tried.at(0)?.verdict;
    return verdict && t('{0} cannot be used, and the processor computed: {1}', name, verdict);
  }
  switch (device?.kind) {
    case 'cpu':
      return t('{0} used no GPU: {1}.', name, device.name);
    case 'software':
      return t('{0} computed on {1}, which is not a GPU.', name, device.name);
    default:
      return undefined;
  }
}
