import type { CalibrationParams, CalibrationPart } from '../../protocol/calibration';
import type { RefineEffort } from './refineNetwork';

/** What a calibrated compression does; each is a choice of the person, and the report names those taken. */
export interface CalibrationOptions {
  /** Each layer is fitted to the inputs that the compressed layers before it produce, not to the original's. */
  readonly sequential: boolean;
  /** The skip weights D are fitted with the poles. */
  readonly skip: boolean;
  /** The map after a layer's activation is solved anew. */
  readonly mixing: boolean;
  /** Everything that was changed is moved together by gradient descent on the outputs; undefined for none. */
  readonly refine: RefineEffort | undefined;
  /** Statistics of BatchNorm follow what the compression moved. */
  readonly norms: boolean;
  /** The last map is solved anew; without it, `offset` may still move its bias. */
  readonly decoder: boolean;
  /** The bias of the last map is moved so that the mean output stays. */
  readonly offset: boolean;
  /** Floor of the weights, as a share of the largest: frequencies that the sample never excites still count. */
  readonly epsilon: number;
  /** Share of the calibration sequences that are held out: what is chosen is chosen on them. */
  readonly heldOutShare: number;
}

export const allCalibration: CalibrationOptions = {
  sequential: true,
  skip: true,
  mixing: true,
  refine: undefined,
  norms: true,
  decoder: true,
  offset: true,
  epsilon: 1e-6,
  heldOutShare: 0.2,
};

/** Enough for most of what gradients find in a few minutes. */
const refinement: RefineEffort = { rounds: 12, batch: 32, rate: 0.01, onTheWay: 1 };

/** What a person asks for. */
export function optionsOf({ without = [], refine }: CalibrationParams): CalibrationOptions {
  const wanted = (part: CalibrationPart): boolean => !without.includes(part);
  return {
    ...allCalibration,
    sequential: wanted('sequential'),
    skip: wanted('skip'),
    mixing: wanted('mixing'),
    refine: refine === true ? refinement : undefined,
    norms: wanted('norms'),
    decoder: wanted('decoder'),
    offset: wanted('offset'),
  };
}
