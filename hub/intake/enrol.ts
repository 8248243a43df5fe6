import { verify } from "node:crypto";
import { status } from "@grpc/grpc-js";
import type { Clock } from "../../shared/clock.ts";
import { identityOf, publicKeyFrom, sha256 } from "../../shared/keys.ts";
import { enrolmentStatement, tlpFromWire } from "../../shared/wire/wire.ts";
import type { EnrollReply } from "../../shared/wire/gen/tip/v1/EnrollReply.ts";
import type { EnrollRequest__Output } from "../../shared/wire/gen/tip/v1/EnrollRequest.ts";
import type { Store } from "../store/contract.ts";

export type Refusal = { readonly code: status; readonly details: string };

const refused = {
  unknown: "this join token is not known here; ask the hub's admin for another",
  expired: "this join token has expired; ask the hub's admin for another",
  "used-by-another": "this join token was used by another agent; if that was not you, tell the hub's admin",
} as const;

/**
 * Enrols an agent by its invite's secret, signed for by the new key. Audited, whatever comes of it; but a secret of no
 * invite, which anyone may send, costs no write and is only counted.
 */
export async function enrol(
  request: EnrollRequest__Output,
  hub: string,
  parts: { store: Store; clock: Clock; unknown: () => void },
): Promise<EnrollReply | Refusal> {
  const { store, clock } = parts;
  const invalid = (details: string): Refusal => ({ code: status.INVALID_ARGUMENT, details });
  if (request.secret.length !== 32 || request.publicKey.length !== 32 || request.signature.length !== 64)
    return invalid("the enrolment is malformed");
  if (request.release.length > 64) return invalid("the release is too long a word");
  const key = publicKeyFrom(request.publicKey);
  const secretHash = sha256(request.secret);
  if (!verify(null, enrolmentStatement(hub, secretHash), key, request.signature))
    return invalid("the enrolment is not signed by the key that it names");
  const id = identityOf(key);
  if (!(await store.roster.invited(secretHash.toString("hex")))) {
    parts.unknown();
    return { code: status.PERMISSION_DENIED, details: refused.unknown };
  }
  const tlp = request.tlp === "TLP_UNSPECIFIED" ? "amber" : tlpFromWire(request.tlp);
  const outcome = await store.roster.enrol(
    { secretHash: secretHash.toString("hex"), id, publicKey: request.publicKey, release: request.release, tlp },
    clock.now(),
  );
  await store.audit({ at: clock.now(), actor: id, action: `enrol-${outcome.outcome}`, subject: id });
  if ("agent" in outcome) return { name: outcome.agent.name, role: outcome.agent.role };
  return { code: status.PERMISSION_DENIED, details: refused[outcome.outcome] };
}
