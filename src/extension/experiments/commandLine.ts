import type { PaperHorizon } from '../../core/solve/horizons';
import type { CompressionTarget, CompressParams } from '../../protocol/worker';
import { repeatParams } from './repeat';
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
  const params = repeatParams(run);
  const { layerOrders = {}, horizon, tau, fields, answers, recorded } = params;
  return [
    params.file,
    ...size(params.target),
    ...repeated('--layer-order', layerOrders),
    ...(params.exactSizes === true ? ['--exact-sizes'] : []),
    ...(params.perLayer === true ? ['--per-layer'] : []),
    ...(params.keepStaticGain === true ? ['--keep-static-gain'] : []),
    ...(params.untie === true ? ['--untie'] : []),
    ...(horizon === undefined ? [] : ['--horizon', horizon === null ? 'inf' : String(horizon)]),
    ...['--solver', params.solver],
    ...(tau === undefined ? [] : ['--tau', tauNames[tau]]),
    ...repeated('--set', answers?.given),
    ...(fields === undefined ? [] : ['--fields', fields.join(',')]),
    ...(recorded === undefined ? [] : ['--recorded', recorded]),
    ...sampleData(params.calibration),
    ...['-o', params.output],
  ];
}

function size(target: CompressionTarget): string[] {
  if ('order' in target) return ['--order', String(target.order)];
  if ('remove' in target) return ['--remove', decimal(target.remove)];
  if ('accuracyLoss' in target) return ['--accuracy-loss', decimal(100 * target.accuracyLoss)];
  if ('layerError' in target) return ['--layer-error', decimal(target.layerError)];
  if ('outputBound' in target) return ['--bound', decimal(target.outputBound)];
  return ['--output-error', decimal(target.outputError)];
}

function sampleData(calibration: CompressParams['calibration']): string[] {
  if (calibration === undefined) return [];
  const { data, dataSettings, test, testSettings, sequences, without = [], refine } = calibration;
  return [
    ...['--data', data],
    ...repeated('--data-option', dataSettings),
    ...(test === undefined ? [] : ['--test', test]),
    ...repeated('--test-option', testSettings),
    ...(sequences === undefined ? [] : ['--sequences', String(sequences)]),
    ...(without.length === 0 ? [] : ['--without', without.join(',')]),
    ...(refine === true ? ['--refine'] : []),
  ];
}

function repeated(flag: string, values: Readonly<Record<string, string | number>> = {}): string[] {
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
