import { pino, type Logger } from "pino";

/**
 * Constant text, fields beside it. ERROR means that a person must act. Strings from mails and peers are fields,
 * never text, and JSON escapes what a terminal would obey.
 */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error" | "child">;

/** JSON lines on standard error, so that standard output stays the command's answer. */
export function createLog(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      base: { name },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\n|\t/g;

/** A string from outside made fit for a terminal: controls and bidirectional marks become visible escapes. */
export const printable = (text: string): string =>
  text.replace(unsafe, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
