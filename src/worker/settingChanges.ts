import { familyOf } from '../families/recognise';
import type { Configuration } from '../families/resolveHyperParameters';
import type { RecordedSetting } from '../formats/checkpoint';
import type { LayerPlan } from './layerPlans';
import { orderSettingChanges, untyingSettingChanges, type SettingChange } from './settings';

/** The recorded settings that have to follow the layers. */
export function changesInFile(
  settings: readonly RecordedSetting[],
  layers: readonly LayerPlan[],
): SettingChange[] {
  const orders = ordersToRecord(layers).flatMap(({ names, before, after }) =>
    orderSettingChanges(settings, new Set(names), new Set([before]), after),
  );
  const untied = untyings(layers).flatMap(({ setting, value }) =>
    untyingSettingChanges(settings, setting, value),
  );
  return [...orders, ...untied];
}

/**
 * What a person has to do outside the checkpoint so that the result loads: which keys of which configuration to change,
 * or, where none records the order and neither does the file, with which arguments to build the model.
 */
export function adviceFor(
  layers: readonly LayerPlan[],
  inFile: readonly SettingChange[],
  configurations: readonly Configuration[],
): string[] {
  const changes = configurations.flatMap(({ file, settings }) =>
    changesInFile(settings, layers).map((change) => ({ file, ...change })),
  );
  const all = [...inFile, ...changes];
  const orders = ordersToRecord(layers).filter(
    ({ names, after }) =>
      !all.some((change) => names.includes(nameOf(change)) && change.after === after),
  );
  const untied = untyings(layers).filter(
    ({ setting }) => !all.some((change) => nameOf(change) === setting),
  );
  const arguments_ = [
    ...orders.map(({ names, after }) => `${names[0] ?? 'order'}=${after}`),
    ...untied.map(({ setting, value }) => `${setting}=${value}`),
  ];
  return [
    ...changes.map(
      ({ file, path, before, after }) =>
        `In ${file} change ${path.join('.')} from ${before} to ${after}.`,
    ),
    ...(arguments_.length === 0
      ? []
      : [
          `The file does not record ${untied.length > 0 && orders.length === 0 ? 'how its poles are shared' : 'the order'}. ` +
            `Build the model with ${[...new Set(arguments_)].join(', ')} to load the result.`,
        ]),
  ];
}

function nameOf({ path }: SettingChange): string {
  return path.at(-1) ?? '';
}

interface OrderChange {
  /** How models record the order, the commonest name first. */
  readonly names: readonly string[];
  readonly before: number;
  readonly after: number;
}

/** Old orders and the one that all of their layers get; layers of different sizes have no one number to record. */
function ordersToRecord(layers: readonly LayerPlan[]): OrderChange[] {
  const changes = new Map<string, OrderChange | undefined>();
  for (const { site, storedOrder } of layers) {
    const names = familyOf(site.family).orderSettings;
    const key = JSON.stringify([names, site.order]);
    const known = changes.get(key);
    const conflict = changes.has(key) && known?.after !== storedOrder;
    changes.set(key, conflict ? undefined : { names, before: site.order, after: storedOrder });
  }
  return [...changes.values()].filter((change) => change !== undefined);
}

function untyings(
  layers: readonly LayerPlan[],
): { readonly setting: string; readonly value: number }[] {
  const values = new Map<string, number>();
  for (const { untying } of layers) {
    if (untying !== undefined) values.set(untying.setting, untying.value);
  }
  return [...values].map(([setting, value]) => ({ setting, value }));
}
