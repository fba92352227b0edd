import * as path from 'node:path';
import * as vscode from 'vscode';
import { sampleSettings } from '../../protocol/sampleSettings';
import { pickText } from '../platform/noticeText';
import { askText, back, choose } from '../platform/steps';
import type { Choice, Separator, StepPlace } from '../platform/steps';

const { t } = vscode.l10n;

type Settings = Readonly<Record<string, string>>;

/**
 * Lets the person set how a file of sample data is read, one setting after another. Resolves to all of them, or `back`
 * when the person wants none of it.
 */
export async function askReading(
  place: StepPlace,
  file: string,
  given: Settings,
  complaint?: string,
): Promise<Settings | typeof back | undefined> {
  let settings = given;
  for (;;) {
    const placeholder = complaint ?? t('How is {0} read?', path.basename(file));
    const name = await choose(place, placeholder, settingItems(settings, settings !== given));
    if (name === undefined || name === back) return name;
    if (name === done) return settings;
    const typed = await askText(place, {
      prompt: t('{0}: {1}. Leave it empty for the usual.', name, sampleSettings[name]),
      value: settings[name] ?? '',
      check: () => undefined,
    });
    if (typed === undefined) return undefined;
    if (typed !== back) settings = withSetting(settings, name, typed);
  }
}

/** No setting is spelled like this. */
const done = ' done';

function settingItems(settings: Settings, changed: boolean): (Choice<string> | Separator)[] {
  const items = Object.entries(sampleSettings).map(([name, meaning]): Choice<string> => ({
    label: Object.hasOwn(settings, name) ? `${name} = ${pickText(settings[name])}` : name,
    description: meaning,
    value: name,
  }));
  const end: Choice<string> = { label: t('Done'), value: done, preselected: changed };
  return [end, { label: t('Settings'), kind: vscode.QuickPickItemKind.Separator }, ...items];
}

/** The settings with one of them set, or unset by an empty text. */
export function withSetting(settings: Settings, name: string, typed: string): Settings {
  const others = Object.entries(settings).filter(([other]) => other !== name);
  const value = typed.trim();
  return Object.fromEntries(value === '' ? others : [...others, [name, value]]);
}
