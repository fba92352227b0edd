import { SsmError } from '../core/errors';

const readProblems: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  ENOTDIR: 'There is no such file.',
  EISDIR: 'This is a directory, not a checkpoint file.',
  EACCES: 'You have no permission to read it.',
  EPERM: 'You have no permission to read it.',
  EIO: 'The device reported an error while it was read.',
  EMFILE: 'Too many files are open.',
};

const writeProblems: Readonly<Record<string, string>> = {
  ENOENT: 'Its directory does not exist.',
  ENOTDIR: 'Its directory does not exist.',
  EISDIR: 'A directory of that name exists.',
  EACCES: 'You have no permission to write there.',
  EPERM: 'You have no permission to write there.',
  EROFS: 'The file system is read-only.',
  ENOSPC: 'There is no space left on the device.',
  EDQUOT: 'Your disk quota is used up.',
  EFBIG: 'The file system does not allow files this large.',
  ENAMETOOLONG: 'The file name is too long.',
  EIO: 'The device reported an error while it was written.',
};

/** The `code` of an error of the operating system, if it is one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A refusal of the operating system to read `file`, in words. Errors that are already typed pass through. */
export function cannotRead(error: unknown, file: string): SsmError {
  return explain(error, file, 'cannot-read', readProblems);
}

/** A refusal of the operating system to write `file`, in words. Errors that are already typed pass through. */
export function cannotWrite(error: unknown, file: string): SsmError {
  return explain(error, file, 'cannot-write', writeProblems);
}

function explain(
  error: unknown,
  file: string,
  reason: 'cannot-read' | 'cannot-write',
  problems: Readonly<Record<string, string>>,
): SsmError {
  if (SsmError.is(error)) return error;
  const code = systemCode(error) ?? '';
  const message = problems[code] ?? (error instanceof Error ? error.message : String(error));
  return new SsmError(reason, message, { file }, { cause: error });
}
