import { reportSuffix } from '../../protocol/report';

/** What a person writes about a run. */
export interface RunNotes {
  readonly name?: string;
  readonly note?: string;
  readonly starred?: boolean;
}

/**
 * Notes lie beside the report in a file of their own, one a run: two people who write about two runs never touch the
 * same file, and a run that is moved or deleted takes its notes with it.
 */
export const notesSuffix = '.ssmnotes.json';

const kind = 'ssm-compress-notes';
const version = 1;
const longest = 10_000;

export function notesPathOf(report: string): string {
  return report.slice(0, -reportSuffix.length) + notesSuffix;
}

/** The report that a file of notes belongs to. */
export function reportOfNotes(notes: string): string {
  return notes.slice(0, -notesSuffix.length) + reportSuffix;
}

/** The notes in a text; undefined where it is no file of notes of this version, so that nobody overwrites it. */
export function parseNotes(text: string): RunNotes | undefined {
  const file = parseFile(text);
  if (file === undefined) return undefined;
  const { name, note, starred } = file;
  return {
    ...(typeof name === 'string' && name !== '' ? { name: name.slice(0, longest) } : {}),
    ...(typeof note === 'string' && note !== '' ? { note: note.slice(0, longest) } : {}),
    ...(starred === true ? { starred } : {}),
  };
}

/**
 * The text with some of the notes changed and everything else in it kept, also what this version does not know.
 * Undefined where it is no file of notes; an empty text where nothing is left to note.
 */
export function changeNotes(text: string | undefined, change: RunNotes): string | undefined {
  const before = text === undefined ? {} : parseFile(text);
  if (before === undefined) return undefined;
  const after = Object.fromEntries(
    Object.entries({ ...before, ...change, kind, version }).filter(
      ([, value]) => value !== '' && value !== false,
    ),
  );
  const left = Object.keys(after).filter((key) => key !== 'kind' && key !== 'version');
  return left.length === 0 ? '' : `${JSON.stringify(after, undefined, 2)}\n`;
}

function parseFile(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const file = value as Record<string, unknown>;
    return file.kind === kind && file.version === version ? file : undefined;
  } catch {
    return undefined;
  }
}
