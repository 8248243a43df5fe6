import { deflateRawSync } from "node:zlib";
import type { Random } from "./random.ts";

/** Harmless files that look like what spam carries. */

function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/** A ZIP of one file (APPNOTE 6.3: local header, data, central directory, end). */
export function zipOf(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content);
  const label = Buffer.from(name, "utf8");
  const shared = Buffer.alloc(26);
  // Version 2.0, UTF-8 name, deflate, 1 January 2026.
  [20, 0x800, 8, 0, 0x5c21].forEach((value, at) => shared.writeUInt16LE(value, at * 2));
  [crc32(content), packed.length, content.length].forEach((value, at) => shared.writeUInt32LE(value, 10 + at * 4));
  shared.writeUInt16LE(label.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), shared, label, packed]);
  // After the shared fields: comment length, disk, attributes, and the local header's offset, all zero.
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), shared, Buffer.alloc(14), label]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  [1, 1].forEach((value, at) => end.writeUInt16LE(value, 8 + at * 2));
  [central.length, local.length].forEach((value, at) => end.writeUInt32LE(value, 12 + at * 4));
  return Buffer.concat([local, central, end]);
}

/** Begins as a program for Windows does; there is nothing in it to run. */
export const programLike = (random: Random): Buffer =>
  Buffer.concat([
    Buffer.from("MZ"),
    Buffer.alloc(58),
    Buffer.from([64, 0, 0, 0]),
    Buffer.from("PE\0\0"),
    random.bytes(600),
  ]);

export const pdfLike = (sentence: string): Buffer =>
  Buffer.from(
    `%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n` +
      `% ${sentence}\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n`,
  );
