import {
  type DescriptionRequest,
  type LayerDescription,
  describeLayer,
} from '../../core/describe/describeLayer';
import {
  type OrderCurve,
  type OrderCurveRequest,
  orderCurve,
} from '../../core/describe/orderCurve';
import { type Figures, type FiguresRequest, figuresOf } from './figures';

/** What computing threads do for the figures and the charts of a layer. */
export interface LayerChartTasks {
  figures: { input: FiguresRequest; output: Figures };
  describe: { input: DescriptionRequest; output: LayerDescription };
  orderCurve: { input: OrderCurveRequest; output: OrderCurve };
}

export const layerChartRunner = { figures: figuresOf, describe: describeLayer, orderCurve };
