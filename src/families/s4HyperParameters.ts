import { SsmError } from '../core/errors';
import { discretisations } from './discretisation';
import type { HyperOption, HyperParameter, HyperValue, HyperValues } from './hyperParameters';
import { transforms } from './transforms';
import { hyperValue } from './values';

/** The hyper-parameters of state-spaces/s4 and what is derived from it; which of them a version has, its family says. */

const discretisationLabels: Readonly<Record<string, string>> = {
  zoh: 'Zero-order hold',
  bilinear: 'Bilinear',
  dss: 'As in DSS, normalised over the length of the sequence',
};

const transformLabels: Readonly<Record<string, string>> = {
  exp: 'Exponential',
  none: 'None: stored as it is',
  relu: 'ReLU',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
};

export function discretisation(usual: HyperValue): HyperParameter {
  return {
    name: 'disc',
    title: 'Discretisation',
    options: discretisations.map((value) => option(value, discretisationLabels)),
    settings: ['disc'],
    usual,
  };
}

/** The length of the sequences, which the DSS discretisation alone depends on. */
export const sequenceLength: HyperParameter = {
  name: 'l_max',
  title: 'Length of the sequences',
  options: [],
  settings: ['l_max'],
  when: ({ disc }) => disc === 'dss',
};

export function transform(
  name: string,
  title: string,
  usual: HyperValue,
  settings: readonly string[] = [name],
): HyperParameter {
  return {
    name,
    title,
    options: transforms.map((value) => option(value, transformLabels)),
    settings,
    usual,
  };
}

/** Whether the stored step is the area hyperbolic sine of what the transform takes (S4 v4). */
export const fastSteps: HyperParameter = {
  name: 'dt_fast',
  title: 'Steps parameterised under sinh (dt_fast)',
  options: [
    { value: 'false', label: 'No' },
    { value: 'true', label: 'Yes' },
  ],
  settings: ['dt_fast'],
  usual: 'false',
};

/** Modes of frequency Delta |Im A| / 2 pi from half of this value up are masked. */
export const bandLimit: HyperParameter = {
  name: 'bandlimit',
  title: 'Band limit: modes above half of it are masked',
  options: [{ value: 'none', label: 'None' }],
  positiveNumbers: true,
  settings: ['bandlimit'],
  parse: (recorded) => (recorded === null ? 'none' : String(recorded)),
  usual: 'none',
};

/** Liquid-S4 stores the tensors of S4 of versions 2 and 3; only this setting tells them apart. */
export const liquidKernel: HyperParameter = {
  name: 'liquid_kernel',
  title: 'Kernel of Liquid-S4',
  options: [
    { value: 'none', label: 'None: plain S4' },
    { value: 'kb', label: 'KB', detail: 'not a linear system, cannot be compressed' },
    { value: 'polyb', label: 'PolyB', detail: 'not a linear system, cannot be compressed' },
  ],
  settings: ['liquid_kernel'],
  parse: (recorded) => (recorded === null ? 'none' : String(recorded)),
  usual: 'none',
};

/** Throws `unsupported-file` for the kernels of Liquid-S4 that multiply inputs. */
export function refuseLiquid(hyper: HyperValues): void {
  const kernel = hyperValue(hyper, 'liquid_kernel');
  if (kernel === 'none') return;
  throw new SsmError(
    'unsupported-file',
    `Liquid-S4 with the kernel ${kernel} adds products of its inputs to the output, so its layers are not linear systems.`,
  );
}

function option(value: string, labels: Readonly<Record<string, string>>): HyperOption {
  return { value, label: labels[value] ?? value };
}
