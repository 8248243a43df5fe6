/** What a file is by its first bytes: few and certain, for what spam brings along. Source: each format's specification. */
const magics: readonly [type: string, bytes: readonly number[] | string, at?: number][] = [
  ["application/pdf", "%PDF-"],
  ["application/zip", "PK\u0003\u0004"],
  ["application/zip", "PK\u0005\u0006"],
  ["application/vnd.rar", "Rar!\u001a\u0007"],
  ["application/x-7z-compressed", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["application/gzip", [0x1f, 0x8b]],
  ["application/x-bzip2", "BZh"],
  ["application/x-xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["application/zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["application/x-ole-storage", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ["application/x-elf", [0x7f, 0x45, 0x4c, 0x46]],
  ["application/rtf", "{\\rtf"],
  ["application/x-ms-shortcut", [0x4c, 0, 0, 0, 0x01, 0x14, 0x02, 0]],
  ["application/vnd.ms-cab-compressed", "MSCF"],
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", "GIF8"],
  ["image/bmp", "BM"],
  ["image/webp", "WEBP", 8],
  ["image/tiff", [0x49, 0x49, 0x2a, 0]],
  ["application/vnd.microsoft.portable-executable", "MZ"],
];

const known = magics.map(([type, magic, at = 0]) => ({
  type,
  at,
  bytes: typeof magic === "string" ? Buffer.from(magic, "latin1") : Buffer.from(magic),
}));

/** How many bytes of a file are looked at. */
export const sniffedBytes = 512;

export function sniff(start: Buffer): string | undefined {
  const found = known.find(({ at, bytes }) => start.subarray(at, at + bytes.length).equals(bytes));
  if (found) return found.type;
  const text = start.toString("latin1").trimStart().slice(0, 100).toLowerCase();
  if (/^<(?:!doctype html|html|head|body|script)\b/.test(text)) return "text/html";
  if (text.startsWith("<svg")) return "image/svg+xml";
  if (text.startsWith("<?xml")) return "application/xml";
  return undefined;
}
