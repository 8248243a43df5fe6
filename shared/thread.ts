import { fileURLToPath } from "node:url";

/** Where a worker's code lies beside the module `from`, and the flags its thread needs: `.js` as built, `.ts` under tsx. */
export function threadFile(from: string, name: string): { filename: string; execArgv: string[] } {
  if (from.endsWith(".js")) return { filename: fileURLToPath(new URL(`${name}.js`, from)), execArgv: [] };
  // tsx registers itself in the main thread only; in a worker of Node 20 its API must be called.
  const hook = `import { register } from ${JSON.stringify(import.meta.resolve("tsx/esm/api"))}; register();`;
  return {
    filename: fileURLToPath(new URL(`${name}.ts`, from)),
    execArgv: ["--import", `data:text/javascript,${encodeURIComponent(hook)}`],
  };
}
