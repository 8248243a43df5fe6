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

export class Networks {
  readonly #list = new BlockList();

  /** Throws a Failure for what is neither an address nor a network. */
  constructor(networks: readonly string[]) {
    for (const network of networks) this.#add(network.trim());
  }
  #add(network: string): void {
    const [address = "", length, ...rest] = network.split("/");
    const canonical = readAddress(address);
    const bits = length === undefined ? undefined : Number(length);
    const family = canonical && isIPv4(canonical) ? "ipv4" : "ipv6";
    const most = family === "ipv4" ? 32 : 128;
    if (!canonical || rest.length > 0 || (bits !== undefined && !(/^\d{1,3}$/.test(length ?? "") && bits <= most)))
      throw new Failure(
        "config",
        `trusted network ${network} is no address or network: write 192.0.2.0/24 or 2001:db8::/32`,
      );
    this.#list.addSubnet(canonical, bits ?? most, family);
  }
  /** `address` as readAddress gives it. */
  has(address: string): boolean {
    return this.#list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
  }
}

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
