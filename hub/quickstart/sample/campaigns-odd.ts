import type { Letter } from "./letter.ts";
import type { Random } from "./random.ts";

/** What else lies in a trap: bounces of mail that others forged, and files that are hardly mails. */

export function bounce(random: Random): Letter {
  const failed = `${random.word(6)}@nowhere-${random.whole(1, 9)}.invalid`;
  const raw = `From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: trap@trap.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="report"

--report
Content-Type: text/plain; charset=us-ascii

Your message to <${failed}> could not be delivered.

--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; ${failed}
Action: failed
Status: 5.1.1

--report
Content-Type: message/rfc822

From: trap@trap.example
To: ${failed}
Subject: ${random.spin("{Cheap pills|Your order|Hello}")}

http://forged-${random.reused(3, 5)}.example/
--report--
`;
  return { name: "", from: "MAILER-DAEMON@mx.example.org", subject: "", bounce: true, raw: Buffer.from(raw) };
}

/** In turn, so that each kind is there: they are what a reader must survive. */
const oddities: ((random: Random) => { raw: Buffer; bare?: boolean })[] = [
  () => ({ raw: Buffer.alloc(0), bare: true }),
  (random) => ({ raw: Buffer.from(`just some words ${random.word(8)}\nand no header at all\n`), bare: true }),
  (random) => ({
    raw: Buffer.from(
      `From: a@broken.example\nSubject: never closed ${random.word(4)}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="gone"\n\n` +
        `--gone\nContent-Type: text/html\n\n<a href="http://unclosed-${random.word(4)}.example/">x`,
    ),
  }),
  (random) => ({
    raw: Buffer.concat([Buffer.from("From: b@broken.example\nSubject: zeros\n\n\0\0\0"), random.bytes(400)]),
  }),
  (random) => ({
    raw: Buffer.from(
      `From: c@broken.example\nFrom: d@broken.example\nSubject: one\nSubject: two\nX-Long: ${random.word(3000)}\n: no name\nno colon here\n\n` +
        `http://twice-${random.word(4)}.example/\n`,
    ),
  }),
  (random) => ({
    raw: Buffer.from(
      `From: e@broken.example\nSubject: =?utf-8?B?!!!not base64!!!?= =?nonsense?Q?=ZZ?=\nContent-Transfer-Encoding: base64\n\n` +
        `aHR0cDovL2N1dC1${random.word(6)}%%%%=\n=3D\n`,
    ),
  }),
  () => ({
    raw: Buffer.from(
      `From: f@broken.example\nSubject: deep\n${"Content-Type: multipart/mixed; boundary=x\n\n--x\n".repeat(40)}\nhttp://deep.example/\n`,
    ),
  }),
  (random) => ({
    raw: Buffer.from(`From: g@broken.example\r\nSubject: both line ends ${random.word(3)}\n\rhttp://ends.example/\r`),
  }),
];

export function oddity(random: Random, at: number): Letter {
  const made = oddities[at % oddities.length]?.(random) ?? { raw: Buffer.alloc(0) };
  return { name: "", from: `${random.word(5)}@broken.example`, subject: "", ...made };
}
