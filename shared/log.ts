import { pino, type Logger } from "pino";

/**
 * Constant text, fields beside it. ERROR means that a person must act. Strings from mails and peers are fields,
 * never text, so that a line can be searched for and nothing from outside is obeyed by a terminal.
 */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** JSON lines on standard error, so that standard output stays the command's answer; a line to read on a terminal. */
export function createLog(name: string, level: string): Log {
  const options = {
    level,
    base: { name },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (process.stderr.isTTY) return pino(options, { write: (line) => process.stderr.write(readable(line)) });
  return pino(options, pino.destination({ dest: 2, sync: true }));
}

/** A log line as a person reads it: time, what, fields. */
function readable(line: string): string {
  const { time, level, name: _name, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
  const mark = level === "error" || level === "warn" ? `${level.toUpperCase()} ` : "";
  return `${String(time).slice(11, 19)} ${mark}${printable(`${String(msg)}${rest && `  ${rest}`}`)}\n`;
}

/** C0, DEL and C1 controls, zero-width and bidirectional marks, line and paragraph separators. */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A string from outside made fit for a terminal: what it would obey becomes a visible escape. */
export const printable = (text: string): string =>
  text.replace(unsafe, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
