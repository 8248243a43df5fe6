import type { Letter } from "./letter.ts";
import { encodedWords, inCharset, mimeOf } from "./mime.ts";
import type { Random } from "./random.ts";

/** A machine that sends spam, as our mail server saw it. */
export interface Sender {
  readonly ip: string;
  readonly helo: string;
  /** Its name by reverse DNS, or `unknown`. */
  readonly rdns: string;
}

const traps = ["trap", "newsletter.2019", "orders", "webmaster", "office.desk", "first.last"] as const;

/** RFC 5322 date in UTC. */
const dateOf = (ms: number): string => new Date(ms).toUTCString().replace("GMT", "+0000");

/** The whole file as Postfix would leave it in new/ at `at` (ms). */
export function delivered(letter: Letter, sender: Sender, { at, random }: { at: number; random: Random }): Buffer {
  if (letter.bare) return letter.raw ?? Buffer.alloc(0);
  const recipient = `${random.pick(traps)}@trap.example`;
  const above = envelopeOf(letter, sender, { recipient, at, random });
  if (letter.raw) return Buffer.concat([Buffer.from(above), letter.raw]);
  const { headers, body } = mimeOf(letter, random);
  const head = [...headersOf(letter, { recipient, at, random }), "MIME-Version: 1.0", ...headers];
  const bytes = letter.rawHeaders
    ? inCharset(head.join("\n"), letter.charset ?? "utf-8")
    : Buffer.from(head.join("\n"));
  return Buffer.concat([Buffer.from(above), bytes, Buffer.from("\n\n"), body]);
}

interface Circumstances {
  readonly recipient: string;
  readonly at: number;
  readonly random: Random;
}

/** Postfix puts Return-Path, X-Original-To and Delivered-To on top, and its own Received below. */
function envelopeOf(letter: Letter, { ip, helo, rdns }: Sender, { recipient, at, random }: Circumstances): string {
  const literal = ip.includes(":") ? `IPv6:${ip}` : ip;
  const id = random.word(11, "0123456789ABCDEF");
  const protocol = random.pick(["ESMTP", "ESMTP", "SMTP", "ESMTPS"]);
  const lines = [
    `Return-Path: <${letter.bounce ? "" : letter.from}>`,
    `X-Original-To: ${recipient}`,
    `Delivered-To: ${recipient}`,
    `Received: from ${helo} (${rdns} [${literal}])`,
    `\tby mx.trap.example (Postfix) with ${protocol} id ${id}`,
    `\tfor <${recipient}>; ${dateOf(at)} (UTC)`,
  ];
  // Below our own line anyone may write what he likes; some do.
  if (random.chance(0.25)) {
    const forged = `203.0.113.${random.whole(1, 254)}`;
    lines.push(
      `Received: from ${random.word(6)}.example.com ([${forged}]) by ${helo} with SMTP; ${dateOf(at - 60_000)}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function headersOf(letter: Letter, { recipient, at, random }: Circumstances): string[] {
  const { name, from, subject, charset = "utf-8", rawHeaders } = letter;
  const written = (text: string): string => (rawHeaders ? text : encodedWords(text, charset));
  // Most clocks are right, some are wrong by hours or years.
  const skew = random.pick([0, 0, 0, 0, 90_000, -7_200_000, -31_536_000_000]);
  const domain = from.slice(from.indexOf("@") + 1);
  return [
    `Date: ${dateOf(at - random.whole(1, 30) * 1000 + skew)}`,
    `From: ${name === "" ? "" : `${rawHeaders ? `"${name}"` : encodedWords(name, charset)} `}<${from}>`,
    ...(letter.replyTo ? [`Reply-To: <${letter.replyTo}>`] : []),
    `To: ${random.chance(0.8) ? recipient : "undisclosed-recipients:;"}`,
    `Subject: ${written(subject)}`,
    `Message-ID: <${random.word(16)}.${random.whole(1e5, 9e5)}@${domain}>`,
    ...(letter.mailer ? [`X-Mailer: ${letter.mailer}`] : []),
    ...(letter.headers ?? []).map(([key, value]) => `${key}: ${value}`),
  ];
}
