import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

export interface CountingProxy {
  readonly address: string;
  /** Bytes that passed, both ways. */
  bytes(): number;
  reset(): void;
  /** Cuts what is open and takes nothing new, until told otherwise. */
  cut(off: boolean): void;
}

/** A real TCP proxy between an agent and its hub that counts what passes. */
export async function countingProxy(t: Pick<TestContext, "after">, target: string): Promise<CountingProxy> {
  const [host = "", port] = target.split(":");
  let passed = 0;
  let off = false;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    if (off) return near.destroy();
    const far = connect(Number(port), host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("data", (data: Buffer) => {
        passed += data.length;
        to.write(data);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
    return undefined;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    bytes: () => passed,
    reset: () => (passed = 0),
    cut: (now) => {
      off = now;
      if (now) for (const socket of open) socket.destroy();
    },
  };
}
