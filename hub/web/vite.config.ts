import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  build: { outDir: "../../dist/hub/web", emptyOutDir: true },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
