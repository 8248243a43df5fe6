import { bank, invoice, parcel, quota, voiceMessage } from "./campaigns-bait.ts";
import { extortion, inheritance, investment, job, loan, lottery } from "./campaigns-fraud.ts";
import { dating, pharmacy, seo, software, watches } from "./campaigns-goods.ts";
import { bounce, oddity } from "./campaigns-odd.ts";
import { delivered, type Sender } from "./delivery.ts";
import type { Letter } from "./letter.ts";
import { Random } from "./random.ts";

/**
 * Spam that this project wrote itself, to see and test with. Names end in example.com, .net, .org, .example, .test or
 * .invalid (RFC 2606), addresses are of the documentation networks (RFC 5737, RFC 3849): nobody is meant.
 */

interface Campaign {
  readonly name: string;
  readonly write: (random: Random, at: number) => Letter;
  /** How much of the whole it is; real campaigns differ as much. */
  readonly weight: number;
  /** How many machines it sends from. */
  readonly senders: number;
}

const campaigns: readonly Campaign[] = [
  { name: "parcel", write: parcel, weight: 10, senders: 6 },
  { name: "pharmacy", write: pharmacy, weight: 9, senders: 6 },
  { name: "bank", write: bank, weight: 8, senders: 5 },
  { name: "extortion", write: extortion, weight: 8, senders: 6 },
  { name: "invoice", write: invoice, weight: 7, senders: 5 },
  { name: "dating", write: dating, weight: 6, senders: 4 },
  { name: "lottery", write: lottery, weight: 5, senders: 3 },
  { name: "loan", write: loan, weight: 5, senders: 4 },
  { name: "investment", write: investment, weight: 5, senders: 4 },
  { name: "watches", write: watches, weight: 4, senders: 3 },
  { name: "inheritance", write: inheritance, weight: 4, senders: 3 },
  { name: "job", write: job, weight: 4, senders: 3 },
  { name: "seo", write: seo, weight: 4, senders: 3 },
  { name: "voice message", write: voiceMessage, weight: 4, senders: 3 },
  { name: "software", write: software, weight: 3, senders: 3 },
  { name: "quota", write: quota, weight: 3, senders: 3 },
  { name: "bounce", write: bounce, weight: 3, senders: 2 },
  { name: "oddity", write: oddity, weight: 4, senders: 2 },
];

export interface SampleMail {
  /** The name of its file in new/. */
  readonly name: string;
  readonly raw: Buffer;
}

const spreadMs = 48 * 3_600_000;

/** `count` mails of the 48 hours before `now` (ms), oldest first; the same for the same arguments. */
export function sampleMails(count: number, seed: number, now: number = Date.now()): SampleMail[] {
  const random = new Random(seed);
  const times = Array.from({ length: count }, () => now - Math.floor(random.next() * spreadMs)).toSorted(
    (a, b) => a - b,
  );
  const sent = new Map<Campaign, number>();
  return times.map((at, index) => {
    const campaign = chosen(index, random);
    const turn = sent.get(campaign) ?? 0;
    sent.set(campaign, turn + 1);
    const sender = senderOf(campaign, turn);
    const name = `${Math.floor(at / 1000)}.M${random.whole(0, 999_999)}P${1000 + index}.mx.trap.example`;
    return { name, raw: delivered(campaign.write(random, turn), sender, { at, random }) };
  });
}

/** First each campaign once, then by weight: a small sample shows all kinds, too. */
function chosen(index: number, random: Random): Campaign {
  const first = campaigns[index];
  if (first) return first;
  let left = random.next() * campaigns.reduce((sum, { weight }) => sum + weight, 0);
  return campaigns.find(({ weight }) => (left -= weight) < 0) ?? (campaigns[0] as Campaign);
}

const networks = ["192.0.2", "198.51.100", "203.0.113"] as const;

/** The machines of a campaign take turns; every fifth one speaks IPv6, a third has no reverse name. */
function senderOf(campaign: Campaign, turn: number): Sender {
  const at = campaigns.indexOf(campaign);
  const host = turn % campaign.senders;
  const number = at * 13 + host * 2 + 3;
  const ip = (at + host) % 5 === 0 ? `2001:db8:${at + 1}::${host + 1}` : `${networks[(at + host) % 3]}.${number}`;
  const own = `host${number}.${["pool", "dsl", "vps", "cloud"][at % 4]}.example.net`;
  const helo =
    host === 0 ? `mail.${campaign.name.replace(" ", "-")}.example` : host === 1 ? "localhost.localdomain" : own;
  return { ip, helo, rdns: (at + host) % 3 === 0 ? "unknown" : own };
}
