/** English texts of the bound of the output's error in the report view; translated by the host. */
export const boundTexts = {
  outputBound: 'Error of the network’s output',
  boundCertified: 'Certified bound',
  boundCertifiedHelp: 'for every input',
  boundCertifiedInput: 'for every input whose rows have a norm of at most {0}',
  boundCalibrated: 'Calibrated bound',
  boundCalibratedHelp:
    'for inputs that meet what was recorded on {0}; {1} of {2} held-out sequences do',
  boundMeasured: 'Measured error',
  boundMeasuredHelp: 'root mean square over {0} sequences; the largest of one {1}',
  boundNone: 'none',
  boundVacuous: 'vacuous for this network: the largest outputs of both networks say as much',
  boundPerPosition: 'Figures are root mean squares over up to {0} positions.',
  boundWhole: 'Figures hold for sequences of up to {0} positions.',
  boundPaper: 'By the certificate of the paper, √L times the h² error of every layer: {0}.',
  boundShares: 'Contributions of the layers, the first of the network on the left',
  boundShareRemark:
    'What compressing each layer adds, by each kind of evidence. The layers are ranked by the {0} figures, the best evidence there is.',
  boundSummary: '{0}: {1}.',
  boundRow: '{0}: {1} of {2} ({3})',
  boundNumber: 'No.',
  boundShare: 'Share',
  boundLocal: 'Own error',
  boundLocalHelp:
    'What the layer’s reduction changes right after it, for the inputs that it can receive: of the calibrated bound where there is one, else of the certified',
  boundDownstream: 'Downstream',
  boundDownstreamHelp: 'By how much the network behind it can enlarge that, by the same bound',
  boundOthersRemark: 'The piece … stands for the {0} layers that add least.',
  boundOthers: 'Other layers ({0})',
  boundOutside: 'Outside the layers',
  'evidence-certified': 'certified',
  'evidence-calibrated': 'calibrated',
  'evidence-measured': 'measured',
} as const;

export type BoundTexts = { readonly [K in keyof typeof boundTexts]: string };
