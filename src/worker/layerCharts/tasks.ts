import {
  type DescriptionRequest,
  type LayerDescription,
  describeLayer,
} from '../../core/describe/describeLayer';
import {
  type OrderCurve,
  type OrderCurveRequest,
  type OrderStarts,
  orderCurve,
  orderStarts,
} from '../../core/describe/orderCurve';
import type { IndependentSystems } from '../../core/systems/layer';
import { type Figures, type FiguresRequest, figuresOf } from './figures';

/** What computing threads do for the figures and the charts of a layer. */
export interface LayerChartTasks {
  figures: { input: FiguresRequest; output: Figures };
  describe: { input: DescriptionRequest; output: LayerDescription };
  orderCurve: { input: OrderCurveRequest; output: OrderCurve };
  /** What an engine may search from before that. */
  orderStarts: {
    input: OrderCurveRequest & { readonly systems: IndependentSystems };
    output: OrderStarts | undefined;
  };
}

export const layerChartRunner: {
  readonly [K in keyof LayerChartTasks]: (
    input: LayerChartTasks[K]['input'],
  ) => LayerChartTasks[K]['output'];
} = {
  figures: figuresOf,
  describe: describeLayer,
  orderCurve,
  orderStarts: (input) => orderStarts(input.systems, input),
};
