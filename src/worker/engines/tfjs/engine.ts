import type { SearchTargets } from '../../../core/calibrate/searchTargets';
import { packBatch, unpackResult } from '../packedBatch';
import { joinResults, sliceSearches, type SearchBatch, type SearchEngine } from '../searchEngine';
import type { EngineDevice } from '../../../protocol/engines';
import { packTargets, piecesOfTargets, type PackedTargets } from '../weighted/packedTargets';
import { allPoints, searchTogether } from '../weighted/searchTogether';
import type { Tf } from './complexTensors';
import { differentiateBatch, searchBatch } from './search';
import { weightedInTensors, type WeightedTensors } from './weightedDevice';

/** Single-precision numbers for each entry of the table of sums that live at the same time. */
const numbersPerEntry = 60;

/**
 * The engine that runs on TensorFlow.js: on CUDA with `@tensorflow/tfjs-node-gpu`, and for tests on its other back ends.
 *
 * @param memory bytes that a batch may take; larger ones are cut
 */
export function createTfjsEngine(tf: Tf, device: EngineDevice, memory = 2 ** 30): SearchEngine {
  const piecesOf = (batch: SearchBatch): SearchBatch[] => {
    const { systems, slots, systemOf } = batch;
    const bytes = 2 * slots * (systems.slots + slots) * 4 * numbersPerEntry;
    const size = Math.max(1, Math.floor(memory / bytes));
    return Array.from({ length: Math.ceil(systemOf.length / size) }, (_, i) =>
      sliceSearches(batch, i * size, (i + 1) * size),
    );
  };
  const onWeighted = async <T>(
    targets: SearchTargets,
    compute: (device: WeightedTensors, packed: PackedTargets) => Promise<T>,
  ): Promise<T> => {
    const packed = packTargets(targets);
    const device = weightedInTensors(tf, packed);
    try {
      return await compute(device, packed);
    } finally {
      device.dispose();
    }
  };
  return {
    id: 'tfjs',
    device,
    async search(batch, steps) {
      const parts = [];
      for (const piece of piecesOf(batch)) {
        const packed = packBatch(piece);
        const { value, ...poles } = await searchBatch(tf, packed, steps);
        parts.push(unpackResult(poles, value, packed.span));
      }
      return joinResults(parts);
    },
    derivatives: (batch) => differentiateBatch(tf, packBatch(batch)),
    async searchWeighted(targets) {
      const parts = [];
      const bytes = 2 * targets.length * (targets.ownPoles + targets.slots) * 4 * numbersPerEntry;
      for (const piece of piecesOfTargets(targets, Math.floor(memory / bytes))) {
        const found = await onWeighted(piece, (device, packed) =>
          searchTogether(device, packed, piece.effort),
        );
        parts.push(unpackResult(found.poles, found.value, piece.horizon));
      }
      return joinResults(parts);
    },
    weightedDerivatives: (targets, poles) =>
      onWeighted(targets, async (device) => {
        const points = allPoints(targets, poles);
        return { ...(await device.derivatives(points)), ...(await device.weigh(points)) };
      }),
    dispose: () => Promise.resolve(),
  };
}
