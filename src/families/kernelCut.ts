import type { RecordedSetting } from '../formats/checkpoint';
import type { FamilyId } from './family';
import { describesModel } from './modelSettings';
import type { HyperEvidence } from './resolveHyperParameters';

/** The setting by which an original code cuts its kernels, for the code bases that do. */
const cutSettings: Partial<Record<FamilyId, string>> = {
  's4v3-nplr': 'l_max',
  's4v3-diagonal': 'l_max',
  's4v4-dplr': 'l_max',
  's4v4-diagonal': 'l_max',
  's4v4-real': 'l_max',
  dss: 'max_kernel_length',
  dlr: 'max_kernel_length',
};

/**
 * Steps after which the original code cuts the kernels of a layer, where the file, or else a configuration beside it,
 * records exactly one such number; undefined where kernels are as long as the sequence.
 */
export function kernelCut(
  family: FamilyId,
  { recorded, configurations }: Pick<HyperEvidence, 'recorded' | 'configurations'>,
): number | undefined {
  const name = cutSettings[family];
  if (name === undefined) return undefined;
  const inFile = valuesOf(name, recorded);
  const values =
    inFile.size > 0
      ? inFile
      : valuesOf(
          name,
          configurations.flatMap(({ settings }) => settings),
        );
  return values.size === 1 ? [...values][0] : undefined;
}

function valuesOf(name: string, settings: readonly RecordedSetting[]): Set<number> {
  const named = settings.filter(
    (setting) => setting.path.at(-1) === name && describesModel(setting),
  );
  const numbers = named.flatMap(({ value }) => (typeof value === 'number' ? [value] : []));
  return new Set(numbers.filter((value) => Number.isInteger(value) && value >= 1));
}
