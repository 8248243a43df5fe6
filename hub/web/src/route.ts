import { isKind, type Kind } from "./kind.ts";

/** Where in the page one is: kept in the hash, so a link survives a reload and nothing of it reaches the server. */
export type Route =
  | { readonly at: "home" }
  | { readonly at: "observation"; readonly id: string }
  | { readonly at: "indicator"; readonly kind: Kind; readonly value: string }
  | { readonly at: "unknown"; readonly path: string };

export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#\/?/, "");
  if (path === "") return { at: "home" };
  const [room, first, ...rest] = path.split("/");
  if (room === "observation" && first && rest.length === 0) return { at: "observation", id: decode(first) };
  const value = decode(rest.join("/"));
  if (room === "indicator" && first && isKind(first) && value) return { at: "indicator", kind: first, value };
  return { at: "unknown", path };
}

export const homeHash = "#/";
export const observationHash = (id: string): string => `#/observation/${encodeURIComponent(id)}`;
export const indicatorHash = (kind: Kind, value: string): string => `#/indicator/${kind}/${encode(value)}`;

/** The address of a place; `parseRoute` leads back to it. */
export function hashOf(route: Route): string {
  if (route.at === "observation") return observationHash(route.id);
  if (route.at === "indicator") return indicatorHash(route.kind, route.value);
  return route.at === "home" ? homeHash : `#/${route.path}`;
}

/** Lone surrogates (they come from broken mails) cannot be percent-encoded. */
export const encode = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
