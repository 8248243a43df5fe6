import { chmodSync, closeSync, openSync, unlinkSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { dirname, join } from "node:path";
import { errno, Failure, messageOf, type FailureCode } from "../shared/failure.ts";

/**
 * How the CLI talks to a running agent: HTTP over a Unix socket in the data directory, mode 0600, so that whoever
 * may read the agent's data may ask, and nobody else. A command is a POST to its name, an answer one JSON value.
 */
export type Commands = Readonly<Record<string, () => Promise<unknown>>>;

/** The longest path that a socket's name holds on Linux, less its end; beyond it the way goes over a directory handle. */
const longestPath = 100;

/** Calls `use` with a path that fits, whatever the directory's depth. */
function withPath<T>(socket: string, use: (path: string, done: () => void) => T): T {
  if (Buffer.byteLength(socket) <= longestPath) return use(socket, () => undefined);
  let handle: number;
  try {
    handle = openSync(dirname(socket), "r");
  } catch {
    // No directory, no agent: the caller learns it from the path itself.
    return use(`/proc/self/fd/-1/${name}`, () => undefined);
  }
  return use(`/proc/self/fd/${handle}/${name}`, () => closeSync(handle));
}

const name = "agent.sock";
export const socketPath = (directory: string): string => join(directory, name);

/** Listens; the ledger's lock has made sure that this is the directory's only agent, so an old socket is a dead one's. */
export async function listenControl(directory: string, commands: Commands): Promise<{ close: () => Promise<void> }> {
  const path = socketPath(directory);
  try {
    unlinkSync(path);
  } catch (error) {
    if (errno(error) !== "ENOENT") throw error;
  }
  const server = createServer((call, reply) => {
    const command = Object.hasOwn(commands, (call.url ?? "/").slice(1))
      ? commands[(call.url ?? "/").slice(1)]
      : undefined;
    const send = (status: number, value: unknown): void => {
      reply.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (!command || call.method !== "POST")
      return send(404, { code: "usage", message: "the running agent does not know this command" });
    command().then(
      (value) => send(200, value ?? {}),
      (error: unknown) =>
        send(500, { code: error instanceof Failure ? error.code : "temporary", message: messageOf(error) }),
    );
  });
  await listen(server, path);
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function listen(server: Server, socket: string): Promise<void> {
  return withPath(socket, (path, done) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen(path, resolve);
    }).finally(done),
  );
}

/** Asks the running agent; undefined where none runs. Throws its Failure. */
export function askAgent(directory: string, command: string): Promise<unknown> {
  return withPath(socketPath(directory), (path, done) =>
    new Promise<unknown>((resolve, reject) => {
      const call = request({ socketPath: path, method: "POST", path: `/${command}` }, (reply) => {
        let text = "";
        reply.setEncoding("utf8");
        reply.on("data", (part: string) => (text += part));
        reply.on("end", () => {
          const value = JSON.parse(text) as { code?: FailureCode; message?: string };
          if (reply.statusCode === 200) resolve(value);
          else reject(new Failure(value.code ?? "temporary", value.message ?? "the running agent refused"));
        });
        reply.on("error", reject);
      });
      call.on("error", (cause) => {
        const code = errno(cause) ?? "";
        if (["ENOENT", "ECONNREFUSED"].includes(code)) return resolve(undefined);
        const failure =
          code === "EACCES"
            ? new Failure("config", `the agent in ${directory} is another user's; ask as that user`, { cause })
            : new Failure("temporary", `the running agent in ${directory} does not answer: ${cause.message}`, {
                cause,
              });
        return reject(failure);
      });
      call.end();
    }).finally(done),
  );
}
