import assert from "node:assert/strict";
import { test } from "node:test";
import { readDate, readReceived } from "../../../shared/extract/received.ts";

// If these fail, spam is laid at the door of someone who did not send it.
const cases: [mta: string, raw: string, expected: object][] = [
  [
    "Postfix",
    " from mail.example.com (host.example.net [198.51.100.7])\n\tby mx.example.org (Postfix) with ESMTPS id 4A for <t@example.org>; Thu, 1 Jan 2026 00:00:00 +0000 (UTC)",
    {
      ip: "198.51.100.7",
      helo: "mail.example.com",
      rdns: "host.example.net",
      by: "mx.example.org",
      protocol: "ESMTPS",
      recipient: "t@example.org",
    },
  ],
  [
    "Postfix with TLS lines, no reverse name, IPv6",
    " from x (unknown [IPv6:2001:db8::0:1])\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n\t(No client certificate requested)\n\tby mx.example.org (Postfix) with ESMTPS id 4A; Thu, 1 Jan 2026 00:00:00 +0000",
    { ip: "2001:db8::1", helo: "x", rdns: undefined, protocol: "ESMTPS" },
  ],
  [
    "Postfix, where HELO pretends to be the end of the clause",
    " from a ([203.0.113.9]) by b (real.example [198.51.100.8])\n\tby mx.example.org (Postfix) with SMTP id 4A; Thu, 1 Jan 2026 00:00:00 +0000",
    { ip: "198.51.100.8", by: "mx.example.org" },
  ],
  [
    "Exim with a reverse name",
    " from host.example.net ([198.51.100.9]:4711 helo=said.example.com)\n\tby mx.example.org with esmtps (TLS1.3) (Exim 4.96) (envelope-from <a@example.com>) id 1t; Thu, 01 Jan 2026 00:00:00 +0000",
    { ip: "198.51.100.9", helo: "said.example.com", rdns: "host.example.net", protocol: "ESMTPS" },
  ],
  [
    "Exim without one, HELO an address",
    " from [198.51.100.10] (helo=[203.0.113.1])\n\tby mx.example.org with smtp (Exim 4.96) id 1t; Thu, 01 Jan 2026 00:00:00 +0000",
    { ip: "198.51.100.10", protocol: "SMTP" },
  ],
  [
    "Sendmail",
    " from said.example.com (user@host.example.net [198.51.100.11] (may be forged))\n\tby mx.example.org (8.15.2/8.15.2) with ESMTP id g7\n\tfor <t@example.org>; Thu, 1 Jan 2026 00:00:00 GMT",
    { ip: "198.51.100.11", helo: "said.example.com", rdns: "host.example.net", recipient: "t@example.org" },
  ],
  [
    "qmail",
    " from host.example.net (HELO said.example.com) (user@198.51.100.12)\n  by mx.example.org with SMTP; 1 Jan 2026 00:00:00 -0000",
    { ip: "198.51.100.12", helo: "said.example.com", rdns: "host.example.net", protocol: "SMTP" },
  ],
  [
    "Exchange",
    " from AM0.example.com (2001:db8:10a6::2) by VI1.example.com (10.0.0.1) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.20; Thu, 1 Jan 2026 00:00:00 +0000",
    { ip: "2001:db8:10a6::2", helo: "AM0.example.com", by: "VI1.example.com", protocol: "SMTP" },
  ],
];

for (const [mta, raw, expected] of cases)
  test(`Received by ${mta}`, () => {
    const hop: Record<string, unknown> = { ...readReceived(raw) };
    for (const [key, value] of Object.entries(expected))
      assert.equal(hop[key], value, `${key} of ${JSON.stringify(hop)}`);
    assert.equal(hop["way"], "relay");
    assert.equal(readDate(String(hop["date"])), Date.UTC(2026, 0, 1));
  });

test("fetching from a mailbox and handing over on the machine are no relays", () => {
  const way = (raw: string): string => readReceived(raw).way;
  assert.equal(
    way(
      "from mail.example.com [198.51.100.1]\n\tby localhost with POP3 (fetchmail-6.4.0)\n\tfor t@localhost (single-drop); Thu, 1 Jan 2026 00:00:00 +0000",
    ),
    "retrieval",
  );
  assert.equal(
    way("from mx.example.org ([10.0.0.1])\n\tby imap.example.org with LMTP id x; Thu, 1 Jan 2026 00:00:00 +0000"),
    "local",
  );
  assert.equal(way("(qmail 4711 invoked by uid 1001); 1 Jan 2026 00:00:00 -0000"), "local");
  assert.equal(way("by mx.example.org (Postfix, from userid 1000)\n\tid 4A; Thu, 1 Jan 2026 00:00:00 +0000"), "local");
});

test("dates are read in their own zone, never the machine's, and nonsense is none", () => {
  assert.equal(readDate("Sat, 24 Aug 2002 09:42:10 +0900"), Date.UTC(2002, 7, 24, 0, 42, 10));
  assert.equal(readDate("Thu, 22 Aug 02 05:26:00 EDT"), Date.UTC(2002, 7, 22, 9, 26));
  assert.equal(readDate("Aug, 22 2002 8:02:13 AM +0400"), undefined);
  assert.equal(readDate(`${" ".repeat(100_000)}x`), undefined);
});
