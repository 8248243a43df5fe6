import assert from "node:assert/strict";
import test from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { browser } from "../../support/browser.ts";
import { builtPage } from "../../support/built-page.ts";
import { seedAgent, seedObservations, spam } from "../../support/seeded-hub.ts";
import { goodToken, realStore, serveApi, wholeFile } from "../../support/served-api.ts";

/* The built page in a real Chromium, against the real API over a real store. */
const attack = `<img src=x onerror="window.attacked=1"><script>window.attacked=2</script>`;
const now = Date.now();
const store = await realStore(wholeFile);
const agent = await seedAgent(store, `trap-1 ${attack}`, "Example Org", now);
const hostile = spam(900, now - 1000, {
  subject: `${attack} \u202egpj.exe`,
  from: `"${attack}" <a@example.com>`,
  source: { ip: "25.9.9.9", helo: attack, rdns: attack },
  urls: [{ url: `http://evil.example.com/"><script>window.attacked=3</script>`, place: "<b>text</b>" }],
  attachments: [{ name: `r\u202efdp.exe ${attack}`, size: 4, sha256: "ab".repeat(32) }],
  defects: [attack],
});
const seen = Array.from({ length: 60 }, (_, i) => spam(i, now - 60_000 * (60 - i)));
await seedObservations(store, agent, [...seen, hostile], now);
await store.roster.seen(agent.id, now);
const lost = await seedAgent(store, "trap-lost", "Example Org", now);
await seedObservations(store, lost, [spam(901, now - 5_000_000)], now);
await store.streams.halt(lost.stream, "two signatures for version 1", [], now);

const chromium = await browser(wholeFile);
const api = await serveApi(wholeFile, store, { webRoot: await builtPage(wholeFile) });

/** A page of its own; whatever it asks for outside, and whatever breaks in it, is noted. */
async function open(t: test.TestContext, path: string, faults: string[] = []): Promise<Page> {
  const context: BrowserContext = await chromium.newContext({ locale: "en-US" });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on("pageerror", (error) => void faults.push(`error ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(api.origin)) faults.push(`request ${request.url()}`);
  });
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted/i.test(message.text())) faults.push(`policy ${message.text()}`);
  });
  await page.goto(`${api.origin}/${path}`);
  return page;
}
const signedIn = (t: test.TestContext, to = "", faults?: string[]) =>
  open(t, `#token=${goodToken}${to && `&to=${to}`}`, faults);
const attacked = (page: Page) => page.evaluate("window.attacked");

test("the token in the address signs in, leaves the address, and survives a reload", async (t) => {
  const page = await signedIn(t);
  await page.waitForSelector(".observations tbody tr");
  assert.equal(page.url(), `${api.origin}/#/`);
  await page.reload();
  await page.waitForSelector(".observations tbody tr");
  assert.deepEqual(await page.context().cookies(), []);
});

test("the first page shows agents, the hours and the newest observations, and asks nothing outside", async (t) => {
  const faults: string[] = [];
  const page = await signedIn(t, "", faults);
  await page.waitForSelector(".plot canvas");
  await page.waitForSelector(".bars li");
  assert.equal(await page.locator(".observations tbody tr").count(), 50);
  assert.match(await page.locator(".hourly .aside").innerText(), /^62\s+in the last 48 h/);
  const agents = await page.locator(".agent-list li").allInnerTexts();
  assert.match(agents[0]!, /trap-lost.*halted.*two signatures for version 1/s);
  assert.match(agents[1]!, /trap-1.*live.*head\s+1\s+lag\s+0\s+observations\s+61/s);
  assert.deepEqual(faults, []);
});

test("what strangers wrote is shown as text: nothing of it runs, and its direction stays its own", async (t) => {
  const faults: string[] = [];
  const page = await signedIn(t, "", faults);
  const subject = page.locator(".observations tbody tr").first().locator(".subject bdi");
  assert.equal(await subject.innerText(), `${attack} \\u202egpj.exe`);
  assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.subject bdi')).unicodeBidi"), "isolate");
  await subject.click();
  await page.waitForSelector(".drawer .group");
  const drawer = await page.locator(".drawer").innerText();
  assert.match(drawer, /hxxp:\/\/evil\[\.\]example\[\.\]com/);
  assert.match(drawer, /Defects \(1\)\s+<img src=x/);
  const leading = await page.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.deepEqual(
    leading.filter((href) => !/^(#\/|\.\/docs\/$)/.test(href ?? "")),
    [],
  );
  assert.equal(await page.locator("main img, dialog img, main script, dialog script").count(), 0);
  assert.equal(await attacked(page), undefined);
  assert.deepEqual(faults, []);
});

test("a typed value leads to what the hub knows of it, and Escape from an observation leads back", async (t) => {
  const page = await signedIn(t);
  await page.fill("input[type=search]", "example[.]com");
  assert.equal(await page.locator(".look-up select").inputValue(), "domain");
  await page.press("input[type=search]", "Enter");
  await page.waitForSelector(".day-bars li");
  assert.equal(page.url(), `${api.origin}/#/indicator/domain/example.com`);
  assert.match(await page.locator("h1").innerText(), /^example\.com/);
  await page.locator(".observations .subject").first().click();
  await page.waitForSelector(".drawer .group");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".drawer", { state: "detached" });
  assert.equal(page.url(), `${api.origin}/#/indicator/domain/example.com`);
});

test("a deep link leads there, also after a reload, and says when nothing is known", async (t) => {
  const page = await signedIn(t, "indicator/ip/25.9.9.9");
  await page.waitForSelector(".indicator-page .facts");
  assert.equal(page.url(), `${api.origin}/#/indicator/ip/25.9.9.9`);
  await page.reload();
  await page.waitForSelector(".indicator-page .facts");
  assert.equal(await page.title(), "25.9.9.9 · TIP hub");
  await page.goto(`${api.origin}/#/observation/${seen[7]!.id}`);
  await page.waitForSelector(".drawer .group");
  assert.match(await page.locator(".drawer h2").innerText(), new RegExp(seen[7]!.subject!));
  await page.goto(`${api.origin}/#/indicator/domain/never.example.test`);
  await page.getByText("No trap has seen this domain").waitFor();
  assert.equal(await attacked(page), undefined);
});

test("without a token, or with one that is refused, the form says why and takes another", async (t) => {
  const page = await open(t, "");
  await page.fill("#token", "bad.token.3");
  await page.press("#token", "Enter");
  await page.getByRole("alert").waitFor();
  assert.equal(await page.getByRole("alert").innerText(), "the token was revoked");
  await page.fill("#token", goodToken);
  await page.press("#token", "Enter");
  await page.waitForSelector(".observations tbody tr");
});

test("what arrives while the page is open appears by itself", async (t) => {
  const page = await open(t, "");
  await page.clock.install();
  await page.goto(`${api.origin}/#token=${goodToken}`);
  await page.waitForSelector(".observations tbody tr");
  await seedObservations(store, agent, [spam(902, Date.now(), { subject: "Fresh from the trap" })], Date.now());
  await page.clock.fastForward(5000);
  await page.getByText("Fresh from the trap").waitFor();
});

test("the API's description is readable offline, under the policy", async (t) => {
  const faults: string[] = [];
  const page = await open(t, "docs/", faults);
  await page.waitForSelector(".opblock");
  assert.equal(await page.locator(".opblock").count(), 8);
  assert.deepEqual(
    faults.filter((fault) => !fault.startsWith("policy")),
    [],
  );
});
