import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { errno, Failure, messageOf, type FailureCode } from "../../shared/failure.ts";

/** Opens the API's port and tells where it is (port 0 takes a free one). Throws Failure that says how to mend it. */
export async function listenApi(
  app: FastifyInstance,
  { host, port }: { host: string; port: number },
): Promise<{ host: string; port: number }> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw refusedPort(error, host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
  }
  const bound = app.server.address() as AddressInfo;
  return { host: bound.address, port: bound.port };
}

function refusedPort(error: unknown, address: string): Failure {
  const code = errno(error);
  const [kind, message]: [FailureCode, string] =
    code === "EADDRINUSE"
      ? [
          "temporary",
          `HTTP address ${address} is taken by another process; stop it, or choose another with --http HOST:PORT`,
        ]
      : code === "EACCES"
        ? [
            "config",
            `HTTP address ${address} may not be opened by this user; choose a port of 1024 or more with --http HOST:PORT`,
          ]
        : code === "EADDRNOTAVAIL" || code === "ENOTFOUND"
          ? ["config", `HTTP address ${address} is not one of this machine's; choose another with --http HOST:PORT`]
          : ["config", `HTTP address ${address} cannot be opened (${messageOf(error)}); see --http HOST:PORT`];
  return new Failure(kind, message, { cause: error });
}
