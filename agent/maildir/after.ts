import { Failure } from "../../shared/failure.ts";

/** What becomes of a mail once its observation is durable in the ledger. */
export type After =
  | { readonly action: "leave" }
  | { readonly action: "seen" }
  | { readonly action: "delete"; readonly days: number };

/** Reads `leave`, `seen` or `delete=DAYS` (whole days, 1 to 36500). Throws Failure `usage`. */
export function parseAfter(text: string): After {
  if (text === "leave" || text === "seen") return { action: text };
  const days = /^delete=([0-9]{1,5})$/.exec(text)?.[1];
  if (days !== undefined && Number(days) >= 1 && Number(days) <= 36_500)
    return { action: "delete", days: Number(days) };
  if (text === "delete" || text === "delete=")
    throw new Failure("usage", "--after delete needs the age in days from which mails may go, as in --after delete=14");
  throw new Failure("usage", `--after takes leave, seen or delete=DAYS, not ${JSON.stringify(text.slice(0, 40))}`);
}
