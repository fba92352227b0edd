import { crc32 } from 'node:zlib';

/** A zip archive of stored entries, as Python's zipfile would write it: for files that torch did not write. */
export function zipFile(entries: Readonly<Record<string, Uint8Array | string>>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, contents] of Object.entries(entries)) {
    const bytes = Buffer.from(contents);
    const label = Buffer.from(name);
    const common = Buffer.alloc(26); // from "version needed" to "extra length"
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(label.length, 22);
    const tail = Buffer.alloc(14); // from "comment length" to "local header offset"
    tail.writeUInt32LE(offset, 10);
    bodies.push(Buffer.from('PK\x03\x04'), common, label, bytes);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, label);
    offset += 4 + common.length + label.length + bytes.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  const count = Object.keys(entries).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, central, end]);
}

/** A torch archive with this pickle and no tensors. */
export function torchArchive(pickle: Uint8Array | string): Buffer {
  return zipFile({
    'archive/data.pkl': Buffer.from(pickle as string, 'latin1'),
    'archive/version': '3\n',
  });
}
