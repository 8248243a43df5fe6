import type { TestContext } from "node:test";
import chromium from "@sparticuz/chromium";
import { chromium as playwright, type Browser } from "playwright-core";

/** A real Chromium, closed with the test. Nothing in it calls home. */
export async function browser(t: Pick<TestContext, "after">): Promise<Browser> {
  const opened = await playwright.launch({
    executablePath: await chromium.executablePath(),
    headless: true,
    timeout: 30_000,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  t.after(() => opened.close());
  return opened;
}
