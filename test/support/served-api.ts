import { after, type TestContext } from "node:test";
import { pino } from "pino";
import { createApi, type ApiDependencies, type ApiOptions } from "../../hub/api/api.ts";
import { listenApi } from "../../hub/api/listen.ts";
import { systemClock } from "../../shared/clock.ts";
import { Metrics } from "../../shared/metrics.ts";
import { openStore } from "../../hub/store/store.ts";
import type { Store } from "../../hub/store/contract.ts";
import { temporary } from "./maildir.ts";

/** Tokens that the verifier of the tests knows. */
export const goodToken = "good.token.1";
export const otherToken = "good.token.2";

/** What ends with the test file instead of with one test. */
export const wholeFile: Pick<TestContext, "after"> = { after: (hook) => after(hook as () => unknown) };

export interface ServedApi {
  readonly origin: string;
  readonly port: number;
  /** Lines that the API logged. */
  readonly logged: string[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** The body of an answer that must be 200. */
  json<T>(path: string): Promise<T>;
}

/** A real store in a directory of its own, closed with the test. */
export async function realStore(t: Pick<TestContext, "after">): Promise<Store> {
  const directory = temporary(t, "tip-hub-");
  const store = await openStore({ directory, mode: "serve" });
  t.after(() => store.close());
  return store;
}

/** The API on a real socket. */
export async function serveApi(
  t: Pick<TestContext, "after">,
  store: ApiDependencies["store"],
  options: Partial<ApiOptions> & { health?: ApiDependencies["health"] } = {},
): Promise<ServedApi> {
  const logged: string[] = [];
  const { health = () => ({ ready: true, parts: { store: "ok" } }), ...rest } = options;
  const app = await createApi(
    { webRoot: "/nonexistent", release: "0.0.0-test", ...rest },
    {
      store,
      tokens: {
        verify: async (bearer) =>
          bearer === goodToken || bearer === otherToken
            ? { id: bearer, name: "test", role: "analyst" }
            : { refused: "the token was revoked" },
      },
      clock: systemClock,
      log: pino({ level: "debug" }, { write: (line: string) => void logged.push(line) }),
      metrics: new Metrics(false),
      health,
    },
  );
  t.after(() => app.close());
  const { port } = await listenApi(app, { host: "127.0.0.1", port: 0 });
  const origin = `http://127.0.0.1:${port}`;
  const get: ServedApi["get"] = (path, headers = { authorization: `Bearer ${goodToken}` }) =>
    fetch(`${origin}${path}`, { headers });
  return {
    origin,
    port,
    logged,
    get,
    async json<T>(path: string) {
      const reply = await get(path);
      const text = await reply.text();
      if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${text}`);
      return JSON.parse(text) as T;
    },
  };
}
