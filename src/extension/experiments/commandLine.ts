import * as path from 'node:path';
import type { PaperHorizon } from '../../core/solve/horizons';
import { resultOf, sourceOf } from './run';
import type { Run } from './run';

/** Whose quoting a command line follows: bash, zsh and their kin, or PowerShell. */
export type Shell = 'posix' | 'powershell';

/**
 * The command that repeats a run: with `ssm` found on the path it makes the same result under the same name. It does not
 * replace a result that is still there; `--force` would.
 */
export function commandLine(run: Pick<Run, 'report' | 'summary'>, shell: Shell): string {
  return ['ssm', 'compress', ...commandArguments(run)].map((word) => quote(word, shell)).join(' ');
}

/** The arguments after `ssm compress`, unquoted. */
export function commandArguments(run: Pick<Run, 'report' | 'summary'>): string[] {
  const { request, said, untied } = run.summary;
  const { layerOrders = {}, exactSizes = false, horizon, tau, fields } = request;
  return [
    sourceOf(run),
    ...size(request),
    ...Object.entries(layerOrders).flatMap(([layer, order]) => [
      '--layer-order',
      `${layer}=${order}`,
    ]),
    ...(exactSizes ? ['--exact-sizes'] : []),
    ...(untied.length > 0 ? ['--untie'] : []),
    ...(request.horizonFrom === 'given'
      ? ['--horizon', horizon === null ? 'inf' : String(horizon)]
      : []),
    ...['--solver', request.solver],
    ...(tau === undefined ? [] : ['--tau', tauNames[tau]]),
    ...repeated('--set', said),
    ...(fields === undefined ? [] : ['--fields', fields.join(',')]),
    ...sampleData(run),
    ...['-o', resultOf(run)],
  ];
}

type Request = Run['summary']['request'];

/** What was asked for, in the way it was asked. */
function size({ order, remove, accuracyLoss, outputError }: Request): string[] {
  if (remove !== undefined) return ['--remove', decimal(remove)];
  if (accuracyLoss !== undefined) return ['--accuracy-loss', decimal(100 * accuracyLoss)];
  if (outputError !== undefined) return ['--output-error', decimal(outputError)];
  return ['--order', String(order)];
}

function sampleData({ report, summary }: Pick<Run, 'report' | 'summary'>): string[] {
  const { calibration, recorded } = summary.request;
  const file = (name: string): string => path.resolve(path.dirname(report), name);
  if (recorded !== undefined) return ['--recorded', file(recorded)];
  if (calibration === undefined) return [];
  const { data, dataSettings, test, testSettings, sequences, without = [] } = calibration;
  return [
    ...['--data', file(data)],
    ...repeated('--data-option', dataSettings),
    ...(test === undefined ? [] : ['--test', file(test)]),
    ...repeated('--test-option', testSettings),
    ...(sequences === undefined ? [] : ['--sequences', String(sequences)]),
    ...(without.length === 0 ? [] : ['--without', without.join(',')]),
  ];
}

function repeated(flag: string, values: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
}

/** The names that the command line has for the horizons of the papers. */
const tauNames: Readonly<Record<PaperHorizon, string>> = {
  'L Delta': 'L-delta',
  L: 'L',
  '10 L': '10L',
  infinite: 'inf',
};

/** Without an exponent and without the noise of binary fractions. */
function decimal(value: number): string {
  const text = String(Number(value.toPrecision(12)));
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
}

/** A word as the shell must see it to hand it over unchanged. Characters that a terminal acts on are written as escapes. */
export function quote(word: string, shell: Shell): string {
  if (/^[\w@%+=:,./-]+$/.test(word) && !(shell === 'powershell' && /^[@%]|,/.test(word)))
    return word;
  // eslint-disable-next-line no-control-regex
  const control = /[\u0000-\u001f\u007f-\u009f]/;
  if (shell === 'powershell') return `'${word.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
  if (!control.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = word
    .replace(/[\\']/g, String.raw`\$&`)
    .replace(
      new RegExp(control, 'g'),
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  return `$'${escaped}'`;
}
