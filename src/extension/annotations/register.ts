import type * as vscode from 'vscode';
import type { SsmContext } from '../context';
import { faultForLog } from '../platform/faults';
import { registerFileDecorations } from './fileDecorations';
import { createLayerIndex } from './layerIndex';
import type { LayerIndex } from './layerIndex';
import { registerLayersDocuments } from './layersDocument';
import { registerLinkCommands } from './linkCommands';
import { registerLinkStatus } from './linkStatus';
import { registerProblems } from './problems';
import { followReports } from './reports';
import { registerSourceAnnotations } from './sourceAnnotations';
import { createSourceFiles } from './sourceFile';

/** Everything that tells of layers where a person works, from one index of the reports, which is returned. */
export function registerAnnotations(context: SsmContext, state: vscode.Memento): LayerIndex {
  const { subscriptions, log } = context;
  const index = createLayerIndex((report, reason) => {
    log.warn(`${report} is not used for annotations: ${faultForLog(reason)}`);
  });
  const files = createSourceFiles(index, state, subscriptions);
  const documents = registerLayersDocuments(context, index);
  subscriptions.push(
    index,
    followReports(index),
    registerSourceAnnotations(index, files),
    registerLinkCommands(index, files),
    registerLinkStatus(files),
    registerFileDecorations(index),
    registerProblems(index, documents),
  );
  return index;
}
