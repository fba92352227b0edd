/** Layout of the zip records (PKWARE APPNOTE 6.3): signatures, fixed lengths, and the limits that call for zip64. */
export const LOCAL_HEADER = { signature: 0x04034b50, length: 30 } as const;
export const CENTRAL_ENTRY = { signature: 0x02014b50, length: 46 } as const;
export const END = { signature: 0x06054b50, length: 22 } as const;
export const ZIP64_END = { signature: 0x06064b50, length: 56 } as const;
export const ZIP64_LOCATOR = { signature: 0x07064b50, length: 20 } as const;

export const ZIP64_EXTRA_ID = 0x0001;
export const MAX_UINT16 = 0xffff;
export const MAX_UINT32 = 0xffffffff;

export const FLAG_ENCRYPTED = 0x0001;
export const FLAG_UTF8 = 0x0800;
export const FLAG_MASKED_HEADERS = 0x2000;

export const METHOD_STORED = 0;
export const METHOD_DEFLATED = 8;

/** One file in the archive, as the central directory declares it. */
export interface ZipEntry {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  /** Bytes of the contents, unpacked; `storedSize` of them in the file. They are the same where `method` is 0. */
  readonly size: number;
  readonly storedSize: number;
  readonly method: number;
  readonly crc: number;
  /** MS-DOS date and time, as stored. */
  readonly modified: number;
  readonly externalAttributes: number;
  readonly headerOffset: number;
  /** First byte that belongs to something else: the next local header or the central directory. */
  readonly limit: number;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
