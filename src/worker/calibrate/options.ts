import type { CalibrationPart } from '../../protocol/calibration';
import type { RefineEffort } from './refineBlock';

/** What a calibrated compression does; each is a choice of the person, and the report names those taken. */
export interface CalibrationOptions {
  /** Each layer is fitted to the inputs that the compressed layers before it produce, not to the original's. */
  readonly sequential: boolean;
  /** The skip weights D are fitted with the poles. */
  readonly skip: boolean;
  /** The map after a layer's activation is solved anew. */
  readonly mixing: boolean;
  /**
   * Poles, weights and maps of a block are moved together by some steps of gradient descent inside the block; undefined
   * for none.
   */
  readonly refine: RefineEffort | undefined;
  /**
   * Errors are weighed by how much the network's output cares for them, per frequency; the share of the weight that is
   * spread evenly. Undefined: all errors weigh alike.
   */
  readonly careFloor: number | undefined;
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
  careFloor: 0.3,
  refine: undefined,
  norms: true,
  decoder: true,
  offset: true,
  epsilon: 1e-6,
  heldOutShare: 0.2,
};

/** Everything but the parts that a person leaves out. */
export function optionsWithout(parts: readonly CalibrationPart[]): CalibrationOptions {
  const wanted = (part: CalibrationPart): boolean => !parts.includes(part);
  const { careFloor, refine } = allCalibration;
  return {
    ...allCalibration,
    sequential: wanted('sequential'),
    skip: wanted('skip'),
    mixing: wanted('mixing'),
    careFloor: wanted('care') ? careFloor : undefined,
    refine: wanted('refine') ? refine : undefined,
    norms: wanted('norms'),
    decoder: wanted('decoder'),
    offset: wanted('offset'),
  };
}
