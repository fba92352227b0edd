import * as path from 'node:path';

/** The name offered for a result: `<stem>.order16<extension>`. */
export function defaultOutputName(file: string, order: number): string {
  const { name, ext } = path.parse(file);
  return `${name}.order${order}${ext}`;
}

/** Where a name that a person typed leads: beside the source, unless it is a path of its own. */
export function resolveOutput(source: string, typed: string): string {
  return path.resolve(path.dirname(source), typed.trim());
}

const torchExtensions = ['.pt', '.pth', '.ckpt'];

/** What is wrong with a typed output name, as a reason; undefined if nothing is. */
export function outputComplaint(
  source: string,
  typed: string,
): 'empty' | 'same-as-source' | 'other-format' | undefined {
  if (typed.trim() === '' || /[\\/]\s*$/.test(typed)) return 'empty';
  const output = resolveOutput(source, typed);
  if (path.relative(source, output) === '') return 'same-as-source';
  return formatOf(output) === formatOf(source) ? undefined : 'other-format';
}

/** Names that stand for the same format count as one: a result is written in the format of its source. */
function formatOf(file: string): string {
  const extension = path.extname(file).toLowerCase();
  return torchExtensions.includes(extension) ? 'torch' : extension;
}
