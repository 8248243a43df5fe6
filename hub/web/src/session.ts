/** The bearer token: in this tab's sessionStorage, so it ends with the tab and no cookie is ever sent. */
const key = "tip.token";

let current = sessionStorage.getItem(key) ?? "";
let refused = "";
const listeners = new Set<() => void>();

/** Takes the token that stands in the address as `#token=…`, and removes it from the address bar and the history. */
export function adoptToken(): void {
  const found = /^#token=([^&]+)(?:&to=(.*))?$/.exec(location.hash);
  if (!found) return;
  const [, token = "", to = ""] = found;
  history.replaceState(null, "", `${location.pathname}${location.search}#/${to.replace(/^\//, "")}`);
  signIn(token);
}

export const token = (): string => current;
/** Why the last token was not taken. */
export const refusal = (): string => refused;

export function signIn(value: string): void {
  // Whoever pastes the header, or the whole address of the page, means the token in it.
  current = value
    .trim()
    .replace(/^.*#token=/, "")
    .replace(/^Bearer\s+/i, "");
  refused = "";
  sessionStorage.setItem(key, current);
  for (const tell of listeners) tell();
}

export function signOut(reason = ""): void {
  current = "";
  refused = reason;
  sessionStorage.removeItem(key);
  for (const tell of listeners) tell();
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
