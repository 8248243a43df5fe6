declare module "autocannon" {
  import type { EventEmitter } from "node:events";

  /** What of autocannon the benches use; it brings no types of its own. */
  export interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly requests: readonly { readonly path: string }[];
  }
  /** Emits "response" (client, status, bytes, ms) for each answer. */
  export type Run = EventEmitter & PromiseLike<{ readonly non2xx: number; readonly errors: number }>;
  const autocannon: (options: Options) => Run;
  export default autocannon;
}
