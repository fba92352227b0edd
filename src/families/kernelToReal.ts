import { SsmError } from '../core/errors';
import type { Complex } from './complexPair';
import type { HyperParameter } from './hyperParameters';

/** What DSS and DLR make their complex kernels real with. */
export const kernelToReal: HyperParameter = {
  name: 'kernel_to_real',
  title: 'How the complex kernel becomes real',
  options: [
    { value: 'real', label: 'real', detail: 'its real part' },
    { value: 'imag', label: 'imag', detail: 'its imaginary part' },
    { value: 'sum', label: 'sum', detail: 'real plus imaginary part' },
    { value: 'prod', label: 'prod', detail: 'real times imaginary part; cannot be reduced' },
  ],
  settings: ['kernel_to_real'],
  usual: 'real',
};

/**
 * The number u with kernel = Re(u sum_n w_n e^{a_n t}).
 * Throws `unsupported-file` for products of the two parts.
 */
export function realPartFactor(value: string): Complex {
  if (value === 'real') return [1, 0];
  if (value === 'imag') return [0, -1];
  if (value === 'sum') return [1, -1];
  throw new SsmError(
    'unsupported-file',
    `With kernel_to_real = ${value} the kernel is a product of two sums of modes, the response of a system of a much higher order, and cannot be reduced here. With real, imag or sum it can.`,
  );
}
