/** Classes of the known code bases that are state-space layers or hold one. */
export const layerClasses: readonly string[] = [
  'S4',
  'S4D',
  'S4Block',
  'S4Layer',
  'S4Kernel',
  'S4DKernel',
  'SSKernel',
  'SSKernelDPLR',
  'SSKernelDiag',
  'SSKernelNPLR',
  'FFTConv',
  'H3',
  'SSM',
  'DSS',
  'DSSLayer',
  'DSSKernel',
  'DLR',
  'DLRKernel',
  'LRU',
  'S5',
  'S5Block',
  'S5Layer',
  'S5SSM',
  'init_S5SSM',
  'MegaLayer',
  'MultiHeadEMA',
  'MovingAverageGatedAttention',
  'LQOLayer',
];

/** Settings of the order that mean nothing else wherever they stand. */
export const clearSettings: ReadonlySet<string> = new Set([
  'd_state',
  'state_dim',
  'state_size',
  'state_width',
  'state_features',
  'ssm_size',
  'ssm_size_base',
  'lru_dim',
  'ema_projection_size',
]);

/** Settings that mean the order only in the arguments of a layer. */
export const argumentSettings: ReadonlySet<string> = new Set([
  ...clearSettings,
  'N',
  'P',
  'd_hidden',
  'encoder_n_dim',
  'decoder_n_dim',
  'n_dim',
  'ndim',
]);

/** 64, 1_024; undefined for anything else than a whole number from 1 up. */
export function orderOf(text: string): number | undefined {
  if (!/^\d[\d_]{0,8}$/.test(text)) return undefined;
  const order = Number(text.replaceAll('_', ''));
  return order >= 1 ? order : undefined;
}
