import { Failure } from "../../shared/failure.ts";

/** Where a page ended, as an opaque word for the caller: base64url of a JSON array of what the list is ordered by. */
type Part = string | number;

export const writeCursor = (parts: readonly Part[]): string => Buffer.from(JSON.stringify(parts)).toString("base64url");

/** Reads a cursor of this shape, for example ["number", "string"]. It comes from outside: Failure `invalid` otherwise. */
export function readCursor(cursor: string, shape: readonly ("string" | "number")[]): Part[] {
  const parts = parse(cursor);
  if (!Array.isArray(parts) || parts.length !== shape.length || !shape.every((type, at) => fits(parts[at], type)))
    throw new Failure("invalid", "this cursor is not one that this list gave; ask again without it");
  return parts as Part[];
}

const fits = (part: unknown, type: "string" | "number"): boolean =>
  type === "number"
    ? Number.isSafeInteger(part)
    : typeof part === "string" && part.length <= 100 && !part.includes("\0");

function parse(cursor: string): unknown {
  if (cursor.length > 400 || !/^[A-Za-z0-9_-]+$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined; // no JSON: refused by the caller like any other shape
  }
}
