/** Hyper-parameters of the S4 families as the original code sets them where nobody does. */

const v4Poles = {
  real_transform: 'exp',
  imag_transform: 'none',
  dt_transform: 'exp',
  dt_fast: 'false',
  bandlimit: 'none',
};

export const v4 = { disc: 'zoh', ...v4Poles };
export const v4Dplr = v4Poles;
export const h3 = { disc: 'bilinear', real_type: 'exp', bandlimit: 'none' };
export const v3 = { ...h3, liquid_kernel: 'none' };
export const v3Nplr = { real_type: 'exp', bandlimit: 'none', liquid_kernel: 'none' };
export const v2 = { liquid_kernel: 'none' };
