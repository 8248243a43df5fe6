import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import type { Log } from "../../shared/log.ts";
import { Refusal } from "./problem.ts";

/** The web page, as vite built it into `webRoot`. Names under assets/ hold a hash of the content, so they never change. */
export async function servePages(app: FastifyInstance, directory: string, log: Log): Promise<void> {
  const webRoot = resolve(directory);
  if (!existsSync(join(webRoot, "index.html"))) {
    log.warn({ webRoot }, "the web page is not built; the API works without it");
    app.get("/", { schema: { hide: true } }, () => {
      throw new Refusal(404, "the web page is not built: run `npm run build`; the API is described at /docs");
    });
    return;
  }
  await app.register(fastifyStatic, {
    root: webRoot,
    cacheControl: false,
    dotfiles: "deny",
    schemaHide: true,
    setHeaders: (reply, path) => {
      const hashed = path.startsWith(join(webRoot, "assets"));
      void reply.header("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}
