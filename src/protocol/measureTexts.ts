import { calibrationParts, calibrationPartTitles, refinementTitle } from './calibration';
import type { CalibrationPart } from './calibration';
import { chartTexts } from './chartTexts';

/** The English texts of everything that is measured on sample data; translated by the extension host like `texts.ts`. */
export const measureTexts = {
  measure: 'Measure',
  original: 'Original',
  compressed: 'Compressed',
  model: 'Model',
  difference: 'Difference',
  sequences: 'Sequences',
  intervalHelp: 'In brackets: the ends of the 95 % confidence interval.',
  differenceHelp: 'Compressed minus original, paired: on the same sequences.',
  accuracy: 'Accuracy',
  loss: 'Loss',
  auc: 'Area under the ROC curve',
  nrmse: 'Normalised error (NRMSE)',
  agreement: 'Same prediction as the original',
  outputError: 'Relative output error',
  points: '{0} points',
  balance: 'Balance of the predictions',
  balanceShifted: '{0} of the predictions moved to other classes, net.',
  classLabel: 'Class {0}',
  class: 'Class',
  labels: 'Labels',
} as const;

/** Of the chart of a trade-off between size and what is measured. */
const tradeoffTexts = {
  ...measureTexts,
  ...chartTexts,
  quantity: 'Show',
  over: 'over',
  order: 'Order',
  parameters: 'Parameters',
  interval: '95 % confidence interval',
  originalLevel: 'Original, {0}',
  layerError: 'Greatest h² error of a layer',
  foretoldError: 'Foretold error of the output',
  foretoldBound: 'Foretold bound of the output’s error',
  layerOrders: 'Orders of the layers',
  pointAtOrders: 'Orders {0}: {1}; {2} parameters, {3} less.',
  summary: '{0} over {1}: {2} at order {3}, {4} at order {5}.',
  originalAt: 'The original has {0}.',
  pointAt: 'Order {0}: {1}; {2} parameters, {3} less.',
} as const;

/** `part-mixing`: what the part does. */
const partTexts = Object.fromEntries(
  calibrationParts.map((part) => [`part-${part}`, calibrationPartTitles[part]]),
) as Readonly<Record<`part-${CalibrationPart}`, string>>;

export const calibrationTexts = {
  ...tradeoffTexts,
  onHeldOut: 'On held-out data',
  heldOutLead:
    'Measured on {0} held-out sequences, which were not calibrated with. The certified h² errors of the layers below hold for any input; these figures hold for data like this.',
  calibratedWith: 'Calibrated with {0} sequences. Data: {1}',
  measuredLayers: 'Layers on sample data',
  fitted: 'Fitted',
  fittedHelp: 'What the layer’s output misses of the original’s on the sequences it was fitted to.',
  heldOut: 'Held out',
  heldOutHelp: 'The same on sequences that it was not fitted to.',
  mixing: 'After the next map',
  mixingHelp: 'The same after the map that follows the layer, before and after it was solved anew.',
  inResult: 'In the result',
  inResultHelp: 'What the layer’s output in the finished network misses, on held-out sequences.',
  parts: 'What was done',
  partDone: 'done',
  partLeftOut: 'left out',
  partRefined: '{0}; outputs miss {1} of the original’s, measured on sequences not fitted to',
  ...partTexts,
  'part-refined': refinementTitle,
  changedTensors: 'Tensors changed outside the state-space layers',
  tried: 'Orders tried',
  layersTried: 'Orders of single layers',
  layersTaken:
    'Each layer has an order of its own: calibrated together and measured on held-out sequences, they keep the tolerance with fewer parameters than order {0} for all.',
  layersNotTaken:
    'No orders of single layers that were tried keep the tolerance with fewer parameters than order {0} for all.',
  layersAlone:
    'Error of the output with this layer alone reduced, on held-out sequences. The squares, as if they added up, rank what is tried together.',
  layersTogether: 'Tried together',
  orders: 'Orders',
  tolerance: 'Tolerance',
  toleranceKept: 'kept',
  toleranceMissed: 'missed',
  onRecorded: 'On recorded inputs',
  recordedLead:
    'Weighed by what the layers received in {0} recorded sequences. Each error is that of the layer alone, for its recorded input; what becomes of it in the network was not measured, since the network is not known here.',
  recordedFittedHelp: 'What the layer’s output misses on the recorded sequences it was fitted to.',
  recordedHeldOutHelp: 'The same on recorded sequences that were held out.',
} as const;

export const curveTexts = {
  ...tradeoffTexts,
  title: 'Trade-off of {0}',
  lead: 'Calibrated at each order and measured on {0} held-out sequences. Nothing has been written.',
  leadEstimated:
    'Estimated from the layers alone, without sample data: the relative h² error of the layer that loses most. A compression certifies its errors. Nothing has been written.',
  leadForetold:
    'Orders shared out over the layers, the best at each size; the error of the output is foretold layer by layer. Nothing has been written.',
  dataLine: 'Data: {0}',
  tracing: 'Tracing the curve, {0}',
  leadTracing: 'What each order would lose. Nothing is written until you choose one.',
  tradeoff: 'What is kept at each order',
  tradeoffSizes: 'What is kept at each size',
  hint: 'Choose an order with the mouse or the arrow keys.',
  compressTo: 'Compress to Order {0}…',
  compressToOrders: 'Compress to These Orders…',
  notes: 'Notes',
} as const;

export const evaluationTexts = {
  ...measureTexts,
  title: 'Evaluation of {0}',
  notHeldOut:
    '{0} of these {1} sequences were used to calibrate the model: the figures flatter it. Evaluate again on the held-out part alone, or on other data.',
  chosenOn:
    'The order of the model was chosen by what these sequences showed: the figures flatter it slightly. Other data tells more.',
  against: 'Compared with {0}',
  lead: 'Measured on {0} sequences. Data: {1}',
  measuredLayers: 'Layers',
  layer: 'Layer',
  layerError: 'Relative error of its output',
  layerErrorHelp: 'Each layer in its own network, compared with the original’s.',
  architecture: 'Network',
  time: 'Time',
  notes: 'Notes',
  saveCsv: 'Save as CSV',
} as const;

/** The same keys with whatever wording the host translated them to. */
type Texts<T> = { readonly [K in keyof T]: string };
export type MeasureTexts = Texts<typeof measureTexts>;
export type TradeoffTexts = Texts<typeof tradeoffTexts>;
export type CurveTexts = Texts<typeof curveTexts>;
export type EvaluationTexts = Texts<typeof evaluationTexts>;
