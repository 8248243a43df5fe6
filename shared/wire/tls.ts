import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from "node:crypto";
import { connect } from "node:tls";
import { credentials, type ChannelCredentials } from "@grpc/grpc-js";
import { Failure } from "../failure.ts";

/**
 * A hub is known by the pin of its TLS key, not by a name that someone vouches for: it makes its own certificate,
 * the join token carries the pin, and an agent trusts that certificate alone.
 */

/** One DER value (X.690): tag, length, contents. */
function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}
const sequence = (...contents: Uint8Array[]): Buffer => der(0x30, ...contents);
const objectId = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const ecdsaWithSha256 = sequence(objectId("2a8648ce3d040302"));
const commonNameId = "550403";

/** UTCTime ends with 2049 (RFC 5280 4.1.2.5); what lies beyond is written as GeneralizedTime. */
function validity(at: Date): Buffer {
  const digits = `${at.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

export const newTlsKey = (): KeyObject => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;

/** A self-signed X.509 v3 certificate (RFC 5280), ECDSA P-256 with SHA-256, as PEM. */
export function selfSigned(commonName: string, key: KeyObject, now: number, days = 3650): string {
  const day = 86_400_000;
  const name = sequence(der(0x31, sequence(objectId(commonNameId), der(0x0c, Buffer.from(commonName)))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    sequence(validity(new Date(now - day)), validity(new Date(now + days * day))),
    name,
    createPublicKey(key).export({ type: "spki", format: "der" }),
  );
  const certificate = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), sign("sha256", body, key)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** SHA-256 of the SubjectPublicKeyInfo (as RFC 7469 pins), base64url. */
export const pinOf = (key: KeyObject): string =>
  createHash("sha256")
    .update((key.type === "private" ? createPublicKey(key) : key).export({ type: "spki", format: "der" }))
    .digest("base64url");

const pinOfCertificate = (raw: Uint8Array): string => pinOf(new X509Certificate(raw).publicKey);

/** Fetches the certificate at an address; trusts it, and it alone, when its key has the pin. Nothing is sent before. */
export async function pinnedCredentials(address: string, pin: string): Promise<ChannelCredentials> {
  const raw = await fetchCertificate(address);
  if (pinOfCertificate(raw) !== pin)
    throw new Failure(
      "denied",
      `the TLS key at ${address} is not the one that the join token pins; nothing was sent. Ask the hub's admin whether its key was changed, and join anew`,
    );
  return credentials.createSsl(Buffer.from(new X509Certificate(raw).toString()), null, null, {
    checkServerIdentity: (_host, certificate) =>
      pinOfCertificate(certificate.raw) === pin ? undefined : new Error("the hub's TLS key is not the pinned one"),
  });
}

/** HOST:PORT, an IPv6 host in brackets. */
export function splitAddress(address: string, setting?: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port > 65_535)
    throw new Failure(
      "usage",
      `${setting === undefined ? "" : `${setting}: `}'${address}' is no HOST:PORT (for example 127.0.0.1:8471 or [::1]:8471)`,
    );
  return { host, port };
}

function fetchCertificate(address: string): Promise<Buffer> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false, ALPNProtocols: ["h2"], timeout: 10_000 }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      if (raw) resolve(raw);
      else reject(new Failure("temporary", `${address} showed no certificate`));
    });
    socket.once("timeout", () => socket.destroy(new Error("no TLS handshake in 10 s")));
    socket.once("error", (cause) =>
      reject(new Failure("temporary", `cannot reach the hub at ${address}: ${cause.message}`, { cause })),
    );
  });
}
