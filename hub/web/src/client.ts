import { signOut, token } from "./session.ts";

/** What the API said instead of an answer: a problem document (RFC 9457), or that it could not be reached. */
export class ApiError extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
  }
}

/** GET below /api/v1. A refused token leads back to the sign-in form, with the reason. */
export async function get<T>(path: string, signal: AbortSignal): Promise<T> {
  const used = token();
  const reply = await reach(path, used, signal);
  if (reply.ok) return (await reply.json()) as T;
  const detail = await problemIn(reply);
  // An answer to an older token says nothing about the one that is there now.
  if (reply.status === 401 && used === token()) signOut(detail);
  throw new ApiError(reply.status, detail);
}

async function reach(path: string, bearer: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(`./api/v1${path}`, {
      headers: { authorization: `Bearer ${bearer}` },
      signal,
      cache: "no-store",
      credentials: "omit",
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(0, "The hub cannot be reached. Is it running? This page tries again by itself.");
  }
}

async function problemIn(reply: Response): Promise<string> {
  try {
    const { detail } = (await reply.json()) as { detail?: unknown };
    if (typeof detail === "string") return detail;
  } catch {
    // Not a problem document: a proxy in front answered. Its status says what there is to say.
  }
  return `The hub answered ${reply.status} ${reply.statusText}`;
}
