import type { SearchTargets } from '../../../core/calibrate/searchTargets';
import type { ComplexVector } from '../../../core/linalg/complex';
import type { EngineDevice, SearchEngineId } from '../../../protocol/engines';
import type {
  SearchBatch,
  SearchDerivatives,
  SearchResult,
  WeightedDerivatives,
} from '../searchEngine';

/** What the process of a device is asked. It opens one engine and ends with it. */
export interface DeviceMethods {
  open: {
    params: { readonly engine: SearchEngineId; readonly folder: string };
    result: EngineDevice;
  };
  derivatives: { params: SearchBatch; result: SearchDerivatives };
  searchWeighted: { params: SearchTargets; result: SearchResult };
  weightedDerivatives: {
    params: { readonly targets: SearchTargets; readonly poles: ComplexVector };
    result: WeightedDerivatives;
  };
  search: {
    params: { readonly batch: SearchBatch; readonly steps: number };
    result: SearchResult;
  };
}
