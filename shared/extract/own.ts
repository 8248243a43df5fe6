import type { Path } from "./boundary.ts";
import type { Delivery } from "./envelope.ts";
import { isProvider } from "./providers.ts";
import type { Rules } from "./rules.ts";
import { domainOf, domainOfEmail } from "./urls.ts";

/** Our own receiving host stays home; an address or a bare name tells nothing that could be found again. */
export function hostOf(path: Path): string | undefined {
  const by = path.ours[0]?.by;
  return by && by.length >= 6 && by.length <= 255 && domainOf(by) ? by.toLowerCase() : undefined;
}

/** Tells the registrable domains of the trap and of its host: no indicators of whoever wrote to it. */
export function ownDomains(rules: Rules, delivery: Delivery, host: string | undefined): (domain: string) => boolean {
  const own = new Set([...rules.trapDomains].flatMap((domain) => [domain, domainOf(domain) ?? domain]));
  for (const name of [...delivery.own.map(domainOfEmail), host && domainOf(host)])
    if (name && !isProvider(name)) own.add(name);
  return (domain) => own.has(domain);
}
