/** What the event loop and a connection's thread say to each other. */
export interface ThreadSettings {
  readonly file: string;
  /** Refuses every statement that would write. */
  readonly readOnly: boolean;
}

export type Request = [id: number, text: string, parameters: readonly unknown[]];

export type Answer =
  | { readonly id: number; readonly rows: unknown[]; readonly changes?: number; readonly error?: never }
  | { readonly id: number; readonly error: StatementFault };

/** An engine's error; an Error's own properties would not survive the way between threads. */
export interface StatementFault {
  readonly message: string;
  /** SQLITE_BUSY, SQLITE_CONSTRAINT, …; "" where the engine gave none. */
  readonly code: string;
  /** SQLite's extended result code. */
  readonly extended: number;
}
