import { Packr } from "msgpackr";
import { Failure } from "../failure.ts";

/**
 * msgpack without extensions or records. What comes from outside is walked byte by byte before the library may
 * touch it: only nil, bool, int, float, str, bin, array and map, within the limits, and nothing after the end.
 */
export interface ScanLimits {
  readonly bytes: number;
  readonly items: number;
  readonly depth: number;
}
export const wireLimits: ScanLimits = { bytes: 1 << 20, items: 100_000, depth: 16 };

const packr = new Packr({ useRecords: false, mapsAsObjects: true, variableMapSize: true, encodeUndefinedAsNil: false });

/** Plain data to msgpack. Absent stays absent: properties that are `undefined` are the caller's to leave out. */
export const pack = (value: unknown): Buffer => Buffer.from(packr.pack(value));

/** Checked msgpack to plain data; bin values are copies, so that nothing holds on to the message. */
export function unpack(bytes: Uint8Array, limits: ScanLimits = wireLimits): unknown {
  scan(bytes, limits);
  try {
    return packr.unpack(bytes);
  } catch (error) {
    throw new Failure("invalid", `msgpack does not decode: ${(error as Error).message}`, { cause: error });
  }
}

const refuse = (why: string): never => {
  throw new Failure("invalid", `msgpack refused: ${why}`);
};

/** Walks the bytes without making a value; returns the number of items. Throws on whatever is not allowed. */
export function scan(bytes: Uint8Array, limits: ScanLimits = wireLimits): number {
  if (bytes.length > limits.bytes) refuse(`${bytes.length} bytes, ${limits.bytes} allowed`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  // open[d] is how many values are still to come at depth d; a map counts its keys too.
  const open = [1];
  const maps = [false];
  const parity = [0];
  let at = 0;
  let items = 0;
  const need = (n: number): void => {
    if (end - at < n) refuse("it ends in the middle of a value");
  };
  const length = (size: 1 | 2 | 4): number => {
    need(size);
    const n = size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at) : view.getUint32(at);
    at += size;
    return n;
  };
  const skip = (n: number): void => {
    need(n);
    at += n;
  };
  while (open.length > 0) {
    const level = open.length - 1;
    if (open[level] === 0) {
      open.pop();
      maps.pop();
      parity.pop();
      continue;
    }
    open[level]!--;
    const isKey = maps[level] === true && parity[level]! % 2 === 0;
    parity[level]!++;
    if (++items > limits.items) refuse(`more than ${limits.items} items`);
    need(1);
    const tag = bytes[at++]!;
    if (isKey && !(tag >= 0xa0 && tag <= 0xbf) && !(tag >= 0xd9 && tag <= 0xdb)) refuse("a key that is no string");
    const enter = (n: number, map: boolean): void => {
      if (open.length > limits.depth) refuse(`deeper than ${limits.depth}`);
      // Each value takes a byte at least: a length that cannot be true is refused before anything is made of it.
      if (n > end - at) refuse("a length beyond its end");
      open.push(map ? n * 2 : n);
      maps.push(map);
      parity.push(0);
    };
    if (tag <= 0x7f || tag >= 0xe0) continue;
    if (tag <= 0x8f) enter(tag & 0x0f, true);
    else if (tag <= 0x9f) enter(tag & 0x0f, false);
    else if (tag <= 0xbf) skip(tag & 0x1f);
    else
      switch (tag) {
        case 0xc0: // nil
        case 0xc2: // false
        case 0xc3: // true
          break;
        case 0xc4: // bin
        case 0xd9: // str
          skip(length(1));
          break;
        case 0xc5:
        case 0xda:
          skip(length(2));
          break;
        case 0xc6:
        case 0xdb:
          skip(length(4));
          break;
        case 0xcc: // ints and floats
        case 0xd0:
          skip(1);
          break;
        case 0xcd:
        case 0xd1:
          skip(2);
          break;
        case 0xca:
        case 0xce:
        case 0xd2:
          skip(4);
          break;
        case 0xcb:
        case 0xcf:
        case 0xd3:
          skip(8);
          break;
        case 0xdc:
          enter(length(2), false);
          break;
        case 0xdd:
          enter(length(4), false);
          break;
        case 0xde:
          enter(length(2), true);
          break;
        case 0xdf:
          enter(length(4), true);
          break;
        default:
          refuse(`type 0x${tag.toString(16)} (extensions and records are not spoken here)`);
      }
  }
  if (at !== end) refuse(`${end - at} bytes after its end`);
  return items;
}
