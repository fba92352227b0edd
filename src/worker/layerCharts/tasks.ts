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

/** What computing threads do for the charts of a layer. */
export interface LayerChartTasks {
  describe: { input: DescriptionRequest; output: LayerDescription };
  orderCurve: { input: OrderCurveRequest; output: OrderCurve };
}

export const layerChartRunner = { describe: describeLayer, orderCurve };
