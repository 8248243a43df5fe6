/**
 * All key spaces of the ledger's database, key → value. A retired one stays here as a comment.
 *
 *   stream                              → JSON StreamRecord
 *   halted/HUB                          → JSON Halted: nothing more goes to this hub; HUB is "all" for a damage of our own
 *   batch/INCARNATION/VERSION (16 hex)  → msgpack { header, signature, green, amber }
 *   mail/FOLDER\0BASENAME               → msgpack [version, size, mtimeMs, parsed]
 *   id/OBSERVATION                      → version in decimal
 *   ack/HUB                             → JSON { version, hash, at }
 */
export const streamKey = "stream";
export const haltedKey = (hub: string): string => `halted/${hub}`;
export const batchKey = (incarnation: string, version: number): string =>
  `batch/${incarnation}/${version.toString(16).padStart(16, "0")}`;
export const mailKey = (folder: string, baseName: string): string => `mail/${folder}\0${baseName}`;
export const idKey = (id: string): string => `id/${id}`;
export const ackKey = (hub: string): string => `ack/${hub}`;

/** All keys that begin with `prefix/`: "0" is the character after "/". */
export const under = (prefix: string): [from: string, to: string] => [`${prefix}/`, `${prefix}0`];
