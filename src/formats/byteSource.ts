/**
 * Bytes that can be read by range: a file, a buffer, a remote file. Nothing above this interface knows which.
 * A read past the end, or one that the device refuses, rejects with a typed error; it never returns fewer bytes.
 */
export interface ByteSource {
  /** Shown in messages. */
  readonly name: string;
  readonly size: number;
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** The files beside one another in a folder. Names are plain file names; what lies deeper is out of reach. */
export interface FolderSource {
  /** Shown in messages. */
  readonly name: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Opens one of `files`. The folder closes it. */
  open(file: string): Promise<ByteSource>;
}

/** A folder to fill: every name once. */
export interface FolderSink {
  /** Makes a file and hands it to `fill`; the file is complete when the promise is fulfilled. */
  create(file: string, fill: (sink: ByteSink) => Promise<void>): Promise<void>;
  /** Takes over a file of the source folder as it is. */
  copy(file: string): Promise<void>;
}

/** Where a rewritten checkpoint goes, front to back. */
export interface ByteSink {
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
}
