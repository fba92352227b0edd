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

/** Where a rewritten checkpoint goes, front to back. */
export interface ByteSink {
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
}
