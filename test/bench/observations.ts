import type { Observation } from "../../shared/observation.ts";
import { hexOf, noon } from "../hub/store/samples.ts";

/** About eight indicators: some that nobody else names (ip, URLs, sender), some that a campaign shares. */
export function realisticObservation(n: number): Observation {
  const campaign = n % 97;
  const host = `www${n % 7}.shop${campaign}.example`;
  const at = new Date(noon - 86_400_000 + n * 1000).toISOString();
  return {
    id: hexOf(`observation ${n}`),
    receivedAt: at,
    observedAt: at,
    size: 8000 + (n % 5000),
    trapKind: "pristine",
    source: {
      ip: `${20 + (n % 60)}.${(n >> 8) % 250}.${n % 250}.9`,
      helo: `mail${n}.example.net`,
      hop: 1,
      protocol: "ESMTP",
    },
    envelope: {
      sender: `bounce-${n}@example.net`,
      senderDomain: "example.net",
      recipients: [hexOf("rcpt", 16)],
      recipientCount: 1,
    },
    from: `"Offers ${campaign}" <offer${n}@shop${campaign}.example>`,
    subject: `Your parcel ${n} waits for you, last reminder`,
    messageId: `<${hexOf(`id ${n}`, 16)}@shop${campaign}.example>`,
    charset: "utf-8",
    domains: [`shop${campaign}.example`],
    urls: [
      {
        url: `http://${host}/track/${n}/${hexOf(`${n}`, 8)}`,
        host,
        domain: `shop${campaign}.example`,
        place: "html-href",
      },
      { url: `http://${host}/unsubscribe?u=${n}`, host, domain: `shop${campaign}.example`, place: "html-href" },
    ],
    emails: [`offer${n}@shop${campaign}.example`],
    campaign: {
      body: hexOf(`body ${campaign}`, 16),
      subject: hexOf(`subject ${campaign}`, 16),
      simhash: hexOf(`${n}`, 8),
    },
  };
}
