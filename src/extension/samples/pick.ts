import * as path from 'node:path';
import * as vscode from 'vscode';
import { localPath } from '../platform/localPath';
import { pickText } from '../platform/noticeText';
import { choose } from '../platform/steps';
import type { back, Choice, Separator, StepPlace } from '../platform/steps';
import type { SampleData } from './memory';

const { t } = vscode.l10n;

/** What a person can answer when asked for sample data. */
export type Picked = SampleData | 'none' | 'file' | 'docs' | 'recording' | 'script';

export interface PickOptions {
  readonly placeholder: string;
  /** Offered first; the checkpoint's own data of last time is the first of them. */
  readonly known: readonly SampleData[];
  /** Whether Enter takes the first of `known`. */
  readonly preselectKnown: boolean;
  /** Going on without data, or with recorded inputs of the layers, is possible. */
  readonly without: boolean;
  /** Why the network cannot be run with data, where it cannot. */
  readonly refusal?: string;
}

/** Asks which sample data, if any. */
export function pickSample(
  place: StepPlace,
  options: PickOptions,
): Promise<Picked | typeof back | undefined> {
  const { known, preselectKnown, without, refusal } = options;
  const none: Choice<Picked> = {
    label: t('Without Sample Data'),
    description: t('the h² errors of the layers decide'),
    ...(refusal === undefined ? {} : { detail: pickText(refusal) }),
    value: 'none',
  };
  const docs: Choice<Picked> = {
    label: t('About Sample Data'),
    description: t('files, how they are read, which networks are known'),
    value: 'docs',
  };
  const separator: Separator = { label: '', kind: vscode.QuickPickItemKind.Separator };
  if (refusal !== undefined) {
    return choose(
      place,
      t('The network around the layers is not known: record what its layers receive instead.'),
      [none, ...recordingItems(), separator, docs],
    );
  }
  const files = known.map((sample, i): Choice<Picked> => ({
    label: pickText(path.basename(sample.data)),
    description: pickText(path.dirname(sample.data)),
    ...describeReading(sample),
    value: sample,
    preselected: preselectKnown && i === 0,
  }));
  return choose<Picked>(place, options.placeholder, [
    ...(without ? [none] : []),
    ...files,
    {
      label: t('Choose a File…'),
      description: t('sequences in .npz or .npy, texts in .jsonl'),
      value: 'file',
    },
    separator,
    ...(without ? recordingItems() : []),
    docs,
  ]);
}

/** Weighing by recorded inputs works for any network; PyTorch has to run it. */
function recordingItems(): Choice<Picked>[] {
  return [
    {
      label: t('Recorded Inputs of the Layers…'),
      description: t('a .npz that the recording script wrote'),
      value: 'recording',
    },
    {
      label: t('Save the Recording Script…'),
      description: t('Python; records in the live model what the layers receive'),
      value: 'script',
    },
  ];
}

function describeReading({ dataSettings = {}, test }: SampleData): { readonly detail?: string } {
  const parts = [
    ...(test === undefined ? [] : [t('judged by {0}', path.basename(test))]),
    ...Object.entries(dataSettings).map(([name, value]) => `${name}=${value}`),
  ];
  return parts.length === 0 ? {} : { detail: pickText(parts.join(', ')) };
}

/** Lets the person choose a file of sample data. */
export async function openSampleFile(title: string): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title,
    openLabel: t('Use'),
    filters: { [t('Sample Data')]: ['npz', 'npy', 'jsonl', 'ndjson', 'gz'] },
  });
  const file = picked?.at(0);
  return file === undefined ? undefined : localPath(file);
}

/** Shows what sample data may be, in an editor. */
export async function openSampleDocs(extensionUri: vscode.Uri): Promise<void> {
  const file = vscode.Uri.joinPath(extensionUri, 'docs', 'sample-data.md');
  await vscode.commands.executeCommand('markdown.showPreview', file);
}
