import * as path from 'node:path';
import { showCount, showName } from '../../protocol/shown';
import { reportTexts } from '../../protocol/texts';
import type { CheckpointFacts, LayerFacts } from './facts';
import {
  becameUnstable,
  overHorizon,
  relationOf,
  showFigure,
  showEvidence,
  showMeasure,
  showModulus,
  showOrders,
  showOutput,
  showPart,
  showQuantity,
  standingOf,
  worstOf,
} from './figures';
import type { NumberFormat, Translate } from './figures';
import type { Freshness } from './freshness';

/** A Markdown text under construction; `vscode.MarkdownString` is one. `appendText` escapes what it is given. */
export interface MarkdownSink {
  appendText(value: string): unknown;
  appendMarkdown(value: string): unknown;
}

/** Something to press in a hover. */
export interface HoverAction {
  readonly label: string;
  /** A `command:` URI, encoded. */
  readonly uri: string;
}

export interface HoverContent {
  readonly facts: CheckpointFacts;
  /** The layers that are meant; at least one. */
  readonly layers: readonly LayerFacts[];
  readonly freshness: Freshness;
  readonly format: NumberFormat;
  readonly actions: readonly HoverAction[];
  /** Actions of a suggestion, where the checkpoint was found by names. */
  readonly suggestion?: readonly HoverAction[];
}

/** So many layers are named; of the others only how many there are. */
const mostNamed = 4;

/** Writes what is known of some layers, in at most nine lines. Names from files go through `appendText` alone. */
export function writeHover(into: MarkdownSink, content: HoverContent, t: Translate): void {
  const { facts, layers, actions, suggestion, format } = content;
  heading(into, content, t);
  paragraph(into);
  errorLine(into, content, t);
  if (layers.length > 1) {
    paragraph(into);
    namedLayers(into, layers, format, t);
    into.appendMarkdown(` · ${sizeLine(layers, t)}`);
  } else {
    paragraph(into, sizeLine(layers, t));
  }
  const output = outputLine(facts, layers, format, t);
  if (output !== '') paragraph(into, output);
  if (layers.some(becameUnstable)) {
    paragraph(into, `$(warning) ${t('Unstable: a mode of the reduced layer grows.')}`);
  }
  const kept = keptLine(facts, layers, format, t);
  if (kept !== '') paragraph(into, kept);
  paragraph(into);
  origin(into, facts, t);
  if (suggestion !== undefined) {
    paragraph(into, `${t('Matched by name.')} ${suggestion.map(link).join(' · ')}`);
  }
  if (actions.length > 0) paragraph(into, actions.map(link).join(' · '));
}

function heading(into: MarkdownSink, { layers, freshness }: HoverContent, t: Translate): void {
  const { icon, text } = standingOf(layers, freshness, t);
  const [first] = layers;
  if (layers.length === 1) {
    into.appendMarkdown(`**${t('SSM layer')}** `);
    name(into, first.name);
  } else {
    into.appendMarkdown(`**${t('{0} SSM layers', layers.length)}**`);
  }
  into.appendMarkdown(` · **${t('order {0}', showOrders(layers))}** · $(${icon}) ${text}`);
}

/** What the figure bounds, and how large it is. */
function errorLine(
  into: MarkdownSink,
  { facts, layers, format }: HoverContent,
  t: Translate,
): void {
  const worst = worstOf(layers)?.relativeError ?? 0;
  const figure = `**${relationOf(layers)} ${showFigure(worst, format)}**`;
  const text =
    layers.length === 1
      ? t('Relative h² error of the impulse responses {0}', overHorizon(facts, t))
      : t('Greatest relative h² error of the impulse responses {0}', overHorizon(facts, t));
  const share = layers.length === 1 && facts.layers.length > 1 ? layers[0].share : undefined;
  const part =
    share === undefined ? '' : ` · ${t('{0} of all layers’ squared error', showPart(share))}`;
  into.appendMarkdown(`${text} ${figure}${part}`);
}

function namedLayers(
  into: MarkdownSink,
  layers: readonly LayerFacts[],
  format: NumberFormat,
  t: Translate,
): void {
  const worstFirst = [...layers].sort((a, b) => b.relativeError - a.relativeError);
  worstFirst.slice(0, mostNamed).forEach((layer, i) => {
    if (i > 0) into.appendMarkdown(' · ');
    name(into, layer.name);
    into.appendMarkdown(` ${showFigure(layer.relativeError, format)}`);
  });
  const others = layers.length - mostNamed;
  if (others > 0) into.appendMarkdown(` · ${t('and {0} more', others)}`);
}

function sizeLine(layers: readonly LayerFacts[], t: Translate): string {
  const [first] = layers;
  const parts: string[] = [];
  const { slowestBefore, slowestAfter } = first;
  if (layers.length === 1) {
    if (slowestBefore !== undefined && slowestAfter !== undefined) {
      const moduli = `${showModulus(slowestBefore)} → ${showModulus(slowestAfter)}`;
      parts.push(t('Slowest mode |λ| {0}', moduli));
    }
    const slots = `${first.slotsBefore} → ${first.slotsAfter}`;
    parts.push(
      first.tying === 'independent'
        ? t('{0} poles stored per channel', slots)
        : t('{0} poles stored', slots),
    );
  }
  const total = (pick: (layer: LayerFacts) => number): string =>
    showCount(layers.reduce((sum, layer) => sum + pick(layer), 0));
  const before = total(({ parametersBefore }) => parametersBefore);
  parts.push(t('{0} parameters', `${before} → ${total(({ parametersAfter }) => parametersAfter)}`));
  return parts.join(' · ');
}

/** What reaches the output of the network. */
function outputLine(
  { output }: CheckpointFacts,
  layers: readonly LayerFacts[],
  format: NumberFormat,
  t: Translate,
): string {
  const parts: string[] = [];
  const contribution = layers.length === 1 ? layers[0].contribution : undefined;
  if (contribution !== undefined) {
    const { evidence, share, value } = contribution;
    const relation = evidence === 'measured' ? '' : '≤ ';
    const added =
      value === null ? t('an unbounded part') : `${relation}${showQuantity(value, format)}`;
    const kind = showEvidence(evidence, t);
    parts.push(
      t('Adds {0} to the output’s error, {1} of all layers ({2})', added, showPart(share), kind),
    );
  }
  const whole = output === undefined ? undefined : showOutput(output, format, t);
  if (whole !== undefined) parts.push(t('Output error {0}', whole));
  return parts.join(' · ');
}

/** What sample data showed. */
function keptLine(
  { measure }: CheckpointFacts,
  layers: readonly LayerFacts[],
  format: NumberFormat,
  t: Translate,
): string {
  const parts: string[] = [];
  const heldOut = layers.length === 1 ? layers[0].heldOutError : undefined;
  if (heldOut !== undefined) {
    parts.push(
      t('Calibrated: output off by {0} on held-out sequences', showFigure(heldOut, format)),
    );
  }
  if (measure !== undefined) {
    const { id, before, after, sequences } = measure;
    const figures = showMeasure(id, before, after, t);
    parts.push(t('{0} on {1} held-out sequences', figures, showCount(sequences)));
  }
  return parts.join(' · ');
}

/** The checkpoint, what it was made from, when and how. */
function origin(into: MarkdownSink, facts: CheckpointFacts, t: Translate): void {
  name(into, path.basename(facts.result));
  into.appendMarkdown(` ${t('from')} `);
  name(into, path.basename(facts.source));
  into.appendMarkdown(', ');
  // from the report, which may be anything
  into.appendText(facts.createdAt.slice(0, 10));
  if (Object.hasOwn(reportTexts, facts.solver)) {
    into.appendMarkdown(`, ${t(reportTexts[facts.solver])}`);
  }
}

function paragraph(into: MarkdownSink, text = ''): void {
  into.appendMarkdown(`\n\n${text}`);
}

function name(into: MarkdownSink, hostile: string): void {
  into.appendText(showName(hostile, 80));
}

function link({ label, uri }: HoverAction): string {
  return `[${label}](${uri})`;
}
