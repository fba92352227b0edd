/**
 * Why an operation of this program was refused. Every error that a person can cause carries one, so that the
 * command line, the editor and the tests decide by the reason and never by the wording.
 */
export type Reason =
  | 'bad-request'
  | 'bad-file'
  | 'unsupported-file'
  | 'bad-parameters'
  | 'unstable'
  | 'no-layers'
  | 'output-exists'
  | 'cannot-read'
  | 'cannot-write'
  | 'worker-lost'
  | 'cancelled'
  | 'internal';

/** Where in the input the fault lies: the file, and the place in it in words ("data.pkl, byte 712", "tensor x"). */
export interface Whereabouts {
  readonly file?: string;
  readonly place?: string;
}

/** The one error class of the program: a sentence for a person, a reason for the code, a place to look at. */
export class SsmError extends Error {
  override readonly name = 'SsmError';
  readonly file: string | undefined;
  readonly place: string | undefined;

  constructor(
    readonly reason: Reason,
    message: string,
    where: Whereabouts = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.file = where.file;
    this.place = where.place;
  }

  /** The same fault with the file named, for callers that know it. */
  inFile(file: string): SsmError {
    return this.file === undefined
      ? new SsmError(
          this.reason,
          this.message,
          { file, ...(this.place === undefined ? {} : { place: this.place }) },
          { cause: this },
        )
      : this;
  }

  /** "file: place: message", leaving out what is not known. */
  describe(): string {
    return [this.file, this.place, this.message].filter((part) => part !== undefined).join(': ');
  }

  static is(error: unknown): error is SsmError {
    return error instanceof SsmError;
  }
}

/** Throws the `cancelled` error if the signal was aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new SsmError('cancelled', 'The operation was cancelled.');
}
