import type { RecordedSetting } from '../formats/checkpoint';

/** One-letter and other ambiguous names mean something only inside one of these. */
const configNames =
  /^(hyper_?param(eter)?s?|h_?params?|(model_?)?(config|conf|cfg|args|kwargs|settings|options)|model|layer|kernel|ssm)$/i;

/** What stands in these belongs to the training, not to the model. */
const trainingNames = /^(optimi[sz]er|lr_sched|scheduler|callbacks$|loops$|state_dict$)/i;

/** Whether a recorded setting describes the model: one under an unmistakable name, or any inside a configuration. */
export function describesModel({ path }: RecordedSetting): boolean {
  const containers = path.slice(0, -1);
  if (containers.some((name) => trainingNames.test(name))) return false;
  return (path.at(-1) ?? '').length > 1 || containers.some((name) => configNames.test(name));
}
