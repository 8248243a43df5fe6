import { createHash } from "node:crypto";
import { extract, type Extracted, type Mail } from "../../../shared/extract/extract.ts";
import type { ExtractSettings } from "../../../shared/extract/rules.ts";

export const settings: ExtractSettings = {
  trusted: ["198.51.100.0/24"],
  traps: ["@trap.example", "collector@example.org"],
  secret: Buffer.alloc(32, 9),
};
export const observedAt = Date.UTC(2026, 0, 2);

export function mailOf(raw: Buffer | string, more: Partial<Mail> = {}): Mail {
  const bytes = typeof raw === "string" ? Buffer.from(raw) : raw;
  const sha256 = createHash("sha256").update(bytes).digest();
  return {
    raw: bytes,
    size: bytes.length,
    sha256,
    baseName: "1767225600.a.host",
    mtimeMs: observedAt,
    observedAt,
    truncated: false,
    ...more,
  };
}

export const read = (raw: Buffer | string, more: Partial<Mail> = {}): Promise<Extracted> =>
  extract(mailOf(raw, more), settings);

/** A mail as Postfix delivers it: two hops of ours, then the sender's, then a forged one. */
export const delivered = (header: string, body: string): string =>
  [
    "Return-Path: <bounce-17@shop.example.com>",
    "X-Original-To: collector@example.org",
    "Delivered-To: archive@example.org",
    "Received: from localhost (localhost [127.0.0.1])",
    "\tby mx.own-host.example.net (Postfix) with ESMTP id B; Thu, 1 Jan 2026 10:00:02 +0000 (UTC)",
    "Received: from relay.example.org (relay.example.org [198.51.100.4])",
    "\tby mx.own-host.example.net (Postfix) with ESMTPS id A; Thu, 1 Jan 2026 10:00:01 +0000 (UTC)",
    "Received: from said.example.com (real.example.com [203.0.113.77])",
    "\tby relay.example.org (Postfix) with ESMTP id 9 for <collector@example.org>; Thu, 1 Jan 2026 10:00:00 +0000 (UTC)",
    "Received: from bank.example (bank.example [192.0.2.1]) by said.example.com with SMTP; Thu, 1 Jan 2026 09:00:00 +0000",
    'From: "Offers" <offers@shop.example.com>',
    "Date: Thu, 1 Jan 2026 09:00:00 +0000",
    "Message-ID: <1@shop.example.com>",
    header,
    "",
    body,
  ].join("\r\n");
