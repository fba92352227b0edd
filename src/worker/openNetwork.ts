import { SsmError } from '../core/errors';
import type { Network, StateSpaceLayer } from '../core/network/network';
import type { RecognisedNetwork } from '../families/architectures/architecture';
import { isRecognised, recogniseNetwork } from '../families/architectures/recogniseNetwork';
import { kernelCut } from '../families/kernelCut';
import {
  describeOptions,
  resolveHyperParameters,
  valuesOfResolved,
  type HyperEvidence,
  type HyperResolution,
} from '../families/resolveHyperParameters';
import type { Checkpoint } from '../formats/checkpoint';
import type { HyperAnswers, OpenQuestion } from '../protocol/worker';
import { openInput } from './checkpointInput';
import { evidenceOf, hyperOf, hyperRemarks, openQuestions, settleLayers } from './hyper';
import type { SettledLayer } from './hyper';
import { layersOf } from './inspect';
import { loadNetwork } from './loadNetwork';
import { readSidecars } from './sidecars';

/** A checkpoint whose network is known, with all that is known of what its tensors do not tell. */
export interface SettledNetwork {
  readonly recognised: RecognisedNetwork;
  readonly layers: readonly SettledLayer[];
  readonly resolution: HyperResolution;
  /** Steps after which the original code cuts the kernels of a layer, by its name, where it does. */
  readonly cuts: ReadonlyMap<string, number>;
}

/** A network ready to be run. */
export interface OpenedNetwork {
  readonly network: Network;
  readonly settled: SettledNetwork;
  /** Contradictions that were decided, and what could not be read beside the file. */
  readonly notes: readonly string[];
}

/**
 * Opens the whole network in a checkpoint file or folder.
 *
 * @param answers what a person says of hyper-parameters, of the network or of its layers
 * @throws SsmError `bad-request` where something is open or an answer means nothing, `unsupported-file` with the reason
 *   where the network around the layers is not known
 */
export async function openNetwork(
  file: string,
  answers: HyperAnswers = {},
  signal?: AbortSignal,
): Promise<OpenedNetwork> {
  const source = await openInput(file);
  try {
    const checkpoint = await source.checkpoint(signal);
    const sidecars = await readSidecars(file, signal);
    const settled = settleNetwork(checkpoint, evidenceOf(checkpoint, sidecars, answers));
    assertNoQuestions(settled);
    const network = await loadSettled(checkpoint, settled, signal);
    const notes = [
      ...sidecars.notes,
      ...hyperRemarks(settled.layers),
      ...settled.resolution.remarks,
    ];
    return { network, settled, notes };
  } catch (error) {
    throw SsmError.is(error) ? error.inFile(file) : error;
  } finally {
    await source.close();
  }
}

/** Recognises the network and resolves what names do not tell. Throws `unsupported-file` with the reason if it cannot. */
export function settleNetwork(checkpoint: Checkpoint, evidence: HyperEvidence): SettledNetwork {
  const tensors = checkpoint.tensors.filter(({ role }) => role === 'model');
  const sites = layersOf(checkpoint);
  const recognised = recogniseNetwork(tensors, sites);
  if (!isRecognised(recognised)) throw new SsmError('unsupported-file', recognised.reason);
  return {
    recognised,
    layers: settleLayers(sites, evidence, recognised.hyperParameters),
    resolution: resolveHyperParameters(recognised.hyperParameters, evidence),
    cuts: new Map(
      sites.flatMap(({ name, family }): [string, number][] => {
        const cut = kernelCut(family, evidence);
        return cut === undefined ? [] : [[name, cut]];
      }),
    ),
  };
}

/** Reads the values of a network whose questions are all answered. */
export async function loadSettled(
  checkpoint: Checkpoint,
  { recognised, layers, resolution, cuts }: SettledNetwork,
  signal?: AbortSignal,
): Promise<Network> {
  const sites = layers.map(({ site }) => site);
  const hyper = {
    network: valuesOfResolved(resolution.resolved),
    layers: new Map(layers.map((layer) => [layer.site.name, hyperOf(layer)])),
  };
  const network = await loadNetwork(checkpoint, recognised, sites, hyper, signal);
  const cutLayer = (layer: StateSpaceLayer): StateSpaceLayer => {
    const horizon = cuts.get(layer.name);
    return horizon === undefined ? layer : { ...layer, horizon };
  };
  return { ...network, layers: network.layers.map(cutLayer) };
}

/** The questions about the network itself that are open; its layers' are `openQuestions`. */
export function networkQuestions({ resolution }: SettledNetwork): OpenQuestion[] {
  return resolution.open.map(({ parameter, remarks }) => {
    const { name, title, options, usual, positiveNumbers = false } = parameter;
    return {
      ...{ name, title, options, remarks, positiveNumbers },
      ...(usual === undefined ? {} : { usual }),
      layers: [],
      everywhere: true,
    };
  });
}

/** Throws `bad-request` naming what is open, of the network and of its layers. */
export function assertNoQuestions(settled: SettledNetwork): void {
  const layers = openQuestions(settled.layers).map(({ name }) => name);
  const network = settled.resolution.open.map(
    ({ parameter }) => `${parameter.name} (${describeOptions(parameter)})`,
  );
  const open = [...new Set([...layers, ...network])];
  if (open.length === 0) return;
  throw new SsmError(
    'bad-request',
    `Neither the file nor a configuration beside it tells ${open.join('; ')}, and nothing is guessed. Say it with --set name=value, or when VS Code asks.`,
  );
}
