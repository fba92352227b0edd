import { argumentSettings, clearSettings, orderOf } from './names';
import { pythonTokens } from './pythonTokens';
import type { Token } from './pythonTokens';
import type { ScanNames, SourceScan, SourceSite } from './site';

/** A pair of brackets that is open. */
interface Frame {
  /** Whether it holds the arguments of a layer. */
  readonly ofLayer: boolean;
  /** The setting that an option of a command line names, `'--d_state'`, until its default comes. */
  option?: Token;
}

/**
 * Finds where Python source builds state-space layers and where it sets their order. Strings and comments do not count,
 * but for `{'d_state': 64}` and `add_argument('--d_state', default=64)`.
 */
export function scanPython(source: string, { classes }: ScanNames): SourceScan {
  const tokens = pythonTokens(source);
  const text = (at: number): string | undefined =>
    tokens[at]?.kind === 'string' ? undefined : tokens[at]?.text;
  const sites: SourceSite[] = [];
  const attributes = new Set<string>();
  const frames: Frame[] = [];
  let target: string | undefined;
  let lineBegins = true;

  const addOrder = (first: Token, value: number): void => {
    const order = tokens[value]?.kind === 'number' ? orderOf(tokens[value].text) : undefined;
    if (order === undefined) return;
    const { line, start } = first;
    const end = tokens[value].line === line ? tokens[value].end : first.end;
    sites.push({ kind: 'order', line, start, end, order });
  };

  const onBracket = (at: number, bracket: string): void => {
    if ('([{'.includes(bracket)) frames.push({ ofLayer: isLayerCall(at) });
    else if (')]}'.includes(bracket)) frames.pop();
    else if (bracket === ';' && frames.length === 0) lineBegins = true;
  };

  const onString = (at: number, token: Token): void => {
    if (clearSettings.has(token.text) && text(at + 1) === ':') addOrder(token, at + 2);
    const option = token.text.replace(/^--/, '').replaceAll('-', '_');
    const frame = frames.at(-1);
    if (token.text.startsWith('--') && clearSettings.has(option) && frame) frame.option = token;
  };

  const onName = (at: number, token: Token): void => {
    if (text(at - 1) === '.' && text(at - 2) === 'self') attributes.add(token.text);
    if (isLayerCall(at + 1)) sites.push(layerSite(token, target));
    const value = valueAfter(text, at);
    if (value === undefined || text(at - 1) === '.') return;
    const frame = frames.at(-1);
    const settings = frame?.ofLayer === true ? argumentSettings : clearSettings;
    if (settings.has(token.text)) addOrder(token, value);
    else if (token.text === 'default' && frame?.option) addOrder(frame.option, value);
  };

  tokens.forEach((token, at) => {
    if (token.kind === 'newline') {
      if (frames.length === 0) lineBegins = true;
      return;
    }
    if (token.start === 0 && (token.text === 'class' || token.text === 'def')) {
      frames.length = 0; // whatever bracket is open was forgotten
      lineBegins = true;
    }
    if (lineBegins) target = targetAt(text, at);
    lineBegins = false;
    if (token.kind === 'symbol') onBracket(at, token.text);
    else if (token.kind === 'string') onString(at, token);
    else if (token.kind === 'name') onName(at, token);
  });
  return { sites, attributes };

  /** Whether this bracket opens the arguments of a layer's class. */
  function isLayerCall(at: number): boolean {
    const callee = tokens[at - 1] as Token | undefined;
    return (
      text(at) === '(' &&
      callee?.kind === 'name' &&
      classes.has(callee.text) &&
      !['class', 'def'].includes(text(at - 2) ?? '')
    );
  }
}

type TextAt = (at: number) => string | undefined;

function layerSite({ line, start, end }: Token, attribute: string | undefined): SourceSite {
  return { kind: 'layer', line, start, end, ...(attribute === undefined ? {} : { attribute }) };
}

/** `X` of a statement `self.X = …`, `self.X: T = …`, `self.X.append(…)`, or the same without `self`. */
function targetAt(text: TextAt, first: number): string | undefined {
  const at = text(first) === 'self' && text(first + 1) === '.' ? first + 2 : first;
  const name = text(at);
  const next = text(at + 1);
  const appends = next === '.' && ['append', 'insert', 'add_module'].includes(text(at + 2) ?? '');
  return name !== undefined && (next === '=' || next === ':' || appends) ? name : undefined;
}

/** Where the value of `name = value` or `name: type = value` stands. */
function valueAfter(text: TextAt, name: number): number | undefined {
  if (text(name + 1) === '=') return name + 2;
  return text(name + 1) === ':' && text(name + 3) === '=' ? name + 4 : undefined;
}
