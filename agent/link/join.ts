import { sign } from "node:crypto";
import { status, type ServiceError } from "@grpc/grpc-js";
import type { Clock } from "../../shared/clock.ts";
import { Failure } from "../../shared/failure.ts";
import { printable } from "../../shared/log.ts";
import type { Identity } from "../../shared/identity.ts";
import { rawPublicKey, sha256 } from "../../shared/keys.ts";
import type { Tlp } from "../../shared/observation.ts";
import { release } from "../../shared/release.ts";
import { readJoinToken } from "../../shared/token.ts";
import { pinnedCredentials } from "../../shared/wire/tls.ts";
import { clientOptions, enrolmentStatement, loadWire, tlpToWire } from "../../shared/wire/wire.ts";
import type { EnrollReply__Output } from "../../shared/wire/gen/tip/v1/EnrollReply.ts";
import type { EnrollRequest } from "../../shared/wire/gen/tip/v1/EnrollRequest.ts";
import type { JoinedHub } from "./hubs.ts";

/**
 * Joins the hub that a join token names: compares the pin, and only then sends the secret, signed for by this
 * agent's key. Repeating it with the same key repeats the answer, so a lost reply costs nothing.
 */
export async function joinHub(token: string, identity: Identity, tlp: Tlp, clock: Clock): Promise<JoinedHub> {
  const { address, pin, hub, secret: secretText, expires } = readJoinToken(token);
  if (expires * 1000 < clock.now())
    throw new Failure("denied", "this join token has expired; ask the hub's admin for another ('tip-hub invite')");
  const secret = Buffer.from(secretText, "base64url");
  const request: EnrollRequest = {
    secret,
    publicKey: rawPublicKey(identity.key),
    signature: sign(null, enrolmentStatement(hub, sha256(secret)), identity.key),
    release,
    tlp: tlpToWire(tlp),
  };
  const reply = await enroll(address, pin, request, clock);
  // A hub's words end up on a terminal.
  const [name, role] = [fitForTerminal(reply.name), fitForTerminal(reply.role)];
  return { id: hub, address, pin, name, role, tlp, joinedAt: new Date(clock.now()).toISOString() };
}

const fitForTerminal = (text: string): string => printable(text.slice(0, 64));

async function enroll(
  address: string,
  pin: string,
  request: EnrollRequest,
  clock: Clock,
): Promise<EnrollReply__Output> {
  const { Link } = loadWire();
  const client = new Link(address, await pinnedCredentials(address, pin), clientOptions);
  try {
    return await new Promise((resolve, reject) => {
      client.enroll(request, { deadline: clock.now() + 20_000 }, (error, reply) => {
        if (error) reject(refusal(address, error));
        else if (reply) resolve(reply);
        else reject(new Failure("temporary", `the hub at ${address} gave no answer`));
      });
    });
  } finally {
    client.close();
  }
}

function refusal(address: string, error: ServiceError): Failure {
  const denied = [status.PERMISSION_DENIED, status.UNAUTHENTICATED, status.INVALID_ARGUMENT].includes(error.code);
  if (denied)
    return new Failure("denied", `the hub at ${address} refused to enrol this agent: ${error.details}`, {
      cause: error,
    });
  return new Failure("temporary", `the hub at ${address} could not be asked: ${error.details}; try again`, {
    cause: error,
  });
}
