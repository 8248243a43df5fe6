import { createRequire } from "node:module";

/** This program's version, from source and from dist alike (the package names itself). */
export const release: string = (createRequire(import.meta.url)("tip/package.json") as { version: string }).version;
