import * as vscode from 'vscode';
import type { CheckpointFacts, LayerFacts } from './facts';
import type { LayerIndex } from './layerIndex';
import { writeHover } from './hoverText';
import type { HoverAction } from './hoverText';
import type { Link } from './links';
import { numberFormat } from './settings';

const { t } = vscode.l10n;

/** The only commands that a hover may offer: they open something, or say what a file is linked to. */
const enabledCommands = [
  'ssm.inspect',
  'ssm.openLayers',
  'ssm.openReport',
  'ssm.linkFile',
  'ssm.rejectLink',
];

/** The hover of some layers; for a file that was matched by name with the choice to link it. */
export function layersHover(
  index: LayerIndex,
  facts: CheckpointFacts,
  layers: readonly LayerFacts[],
  source?: { readonly file: vscode.Uri; readonly link: Link },
): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString('', true);
  markdown.supportHtml = false;
  markdown.isTrusted = { enabledCommands };
  const suggestion =
    source === undefined || source.link.by === 'link' ? undefined : suggested(source.file, facts);
  writeHover(
    markdown,
    {
      facts,
      layers,
      freshness: index.freshness(facts),
      format: numberFormat(source?.file),
      actions: actionsOf(facts),
      ...(suggestion === undefined ? {} : { suggestion }),
    },
    t,
  );
  return markdown;
}

function actionsOf({ result, report }: CheckpointFacts): HoverAction[] {
  return [
    action(t('Open Checkpoint'), 'ssm.inspect', vscode.Uri.file(result)),
    action(t('Layers as Text'), 'ssm.openLayers', vscode.Uri.file(result)),
    action(t('Report'), 'ssm.openReport', vscode.Uri.file(report)),
  ];
}

function suggested(file: vscode.Uri, { result }: CheckpointFacts): HoverAction[] {
  const checkpoint = vscode.Uri.file(result);
  return [
    action(t('Link'), 'ssm.linkFile', file, checkpoint),
    action(t('Not This'), 'ssm.rejectLink', file, checkpoint),
  ];
}

function action(label: string, command: string, ...uris: vscode.Uri[]): HoverAction {
  // parentheses would end the link in Markdown
  const values = encodeURIComponent(JSON.stringify(uris)).replace(
    /[()]/g,
    (bracket) => `%${bracket.charCodeAt(0).toString(16)}`,
  );
  return { label, uri: `command:${command}?${values}` };
}
