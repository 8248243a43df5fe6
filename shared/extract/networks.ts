import { BlockList, isIP, isIPv4 } from "node:net";
import ipaddr from "ipaddr.js";
import { Failure } from "../failure.ts";

/** Networks that are ours wherever we are: private, loopback, link-local and shared (RFC 1918, 6598, 3927, 4193). */
const local = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "100.64.0.0/10",
  "::1/128",
  "fe80::/10",
  "fc00::/7",
];

/**
 * Addresses that nobody on the Internet has (RFC 6890). The documentation networks are left out on purpose:
 * examples and tests speak of them as of any public address.
 */
const bogons = ["0.0.0.0/8", "192.0.0.0/24", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8"];

/** IPv4 by number, since every mail asks several times; IPv6 by the system's list. */
export class Networks {
  readonly #four: { readonly base: number; readonly mask: number }[] = [];
  readonly #six = new BlockList();

  /** Throws a Failure for what is neither an address nor a network. */
  constructor(networks: readonly string[]) {
    for (const network of networks) this.#add(network.trim());
  }
  #add(network: string): void {
    const [address = "", length, ...rest] = network.split("/");
    const canonical = readAddress(address);
    const most = canonical && isIPv4(canonical) ? 32 : 128;
    const bits = length === undefined ? most : /^\d{1,3}$/.test(length) ? Number(length) : most + 1;
    if (!canonical || rest.length > 0 || bits > most)
      throw new Failure(
        "config",
        `trusted network ${network} is no address or network: write 192.0.2.0/24 or 2001:db8::/32`,
      );
    if (most === 128) return this.#six.addSubnet(canonical, bits, "ipv6");
    // A shift by 32 is one by 0.
    const mask = bits === 0 ? 0 : -1 << (32 - bits);
    this.#four.push({ base: numberOf(canonical) & mask, mask });
  }
  /** `address` as readAddress gives it. */
  has(address: string): boolean {
    if (address.includes(":")) return this.#six.check(address, "ipv6");
    const number = numberOf(address);
    return this.#four.some(({ base, mask }) => (number & mask) === base);
  }
}

const numberOf = (address: string): number =>
  address.split(".").reduce((number, part) => (number << 8) | Number(part), 0);

export const localNetworks = new Networks(local);
const bogonNetworks = new Networks(bogons);

/** Whether it can stand for someone on the Internet. */
export const isPublic = (address: string): boolean => !localNetworks.has(address) && !bogonNetworks.has(address);

/** An address in its one spelling, IPv4 mapped into IPv6 as IPv4; undefined for anything else. */
export function readAddress(text: string): string | undefined {
  if (text.length > 60) return undefined;
  const bare = text.replace(/^IPv6:/i, "");
  const family = isIP(bare);
  if (family === 4) return bare;
  if (family !== 6) return undefined;
  try {
    const address = ipaddr.process(bare.replace(/%.*$/, ""));
    return address.toString();
  } catch {
    return undefined;
  }
}
