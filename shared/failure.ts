/**
 * The errors that a person sees. A code says what kind it is, once, for the exit status, gRPC and HTTP alike;
 * the message says what happened, to what, and how to mend it.
 */
export type FailureCode =
  | "usage" // the command line is wrong
  | "config" // a setting or the surroundings are wrong, and stay so until someone mends them
  | "denied" // not allowed
  | "temporary" // may go by itself
  | "invalid" // what the peer sent does not hold
  | "missing" // what was asked for is not there
  | "damaged"; // stored bytes are not what was written

export class Failure extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "Failure";
    this.code = code;
  }
}

/** Exit statuses (sysexits.h). */
export const exitStatus: Record<FailureCode, number> = {
  usage: 64,
  config: 78,
  denied: 77,
  temporary: 75,
  invalid: 1,
  missing: 1,
  damaged: 78,
};

/** The text of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The system's code (ENOENT, EADDRINUSE, …) of an error, if it has one. */
export function errno(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
