import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";

/**
 * The house's floors: an import points down only, and rooms on one floor do not see each other. The checker works on
 * texts by path, so that it can be shown faults that are planted, too.
 */
type Sources = ReadonlyMap<string, string>;

const root = join(import.meta.dirname, "..");
const rooms: readonly (readonly [floor: number, room: RegExp])[] = [
  [1, /^shared\//],
  [2, /^agent\/ledger\/|^hub\/store\//],
  [3, /^hub\/core\//],
  [4, /^hub\/score\//],
  [5, /^agent\/(?:maildir|link)\/|^hub\/(?:intake|exchange|modules\/[^/]+|export|api)\//],
  [6, /^agent\/[^/]+\.ts$|^hub\/[^/]+\.ts$|^hub\/quickstart\//],
  [7, /^hub\/web\//],
];
/** The hub's shop window may be seen by no one and sees no one; it talks HTTP. */
const window = 7;

interface Place {
  readonly floor: number;
  readonly room: string;
}

function placeOf(path: string): Place | undefined {
  for (const [floor, pattern] of rooms) {
    const room = pattern.exec(path)?.[0];
    // The programs' own files are one room for each program.
    if (room !== undefined) return { floor, room: room.endsWith(".ts") ? dirname(path) : room };
  }
  return undefined;
}

/** The specifiers of all imports and exports, types and dynamic ones included; comments are taken out first. */
function importsIn(text: string): string[] {
  const code = text.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    "$1",
  );
  const patterns = [/\bfrom\s*["']([^"'\n]+)["']/g, /\bimport\s*\(?\s*["']([^"'\n]+)["']/g];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
}

const inward = (from: string, specifier: string): string => normalize(join(dirname(from), specifier));

/** process.env, process["env"], { env } = process, import { env } from "node:process". */
const environment =
  /\bprocess\s*(?:\.\s*env\b|\[\s*["']env["']\s*\])|\{[^{}]*\benv\b[^{}]*\}\s*(?:=\s*process\b|from\s*["'](?:node:)?process["'])/;

function faultsIn(sources: Sources): string[] {
  const faults: string[] = [];
  for (const [path, text] of sources) {
    if (/(?:^|\/)(?:utils?|helpers?|common|types|manager|index)\.tsx?$/.test(path))
      faults.push(`${path}: a name that says nothing`);
    if (environment.test(text) && !path.endsWith("/config.ts"))
      faults.push(`${path}: reads the environment, which only config.ts may`);
    const here = placeOf(path);
    if (!here) faults.push(`${path}: stands in no room`);
    for (const specifier of importsIn(text)) faults.push(...faultsOf(path, here, specifier, sources));
  }
  return [...faults, ...cyclesIn(sources)];
}

function faultsOf(path: string, here: Place | undefined, specifier: string, sources: Sources): string[] {
  if (!specifier.startsWith(".")) return [];
  if (!/\.(?:tsx?|css|json)$/.test(specifier)) return [`${path}: ${specifier} does not end in .ts`];
  const target = inward(path, specifier);
  const there = placeOf(target);
  if (!there) return [`${path}: ${specifier} leads out of the house`];
  if (!here) return [];
  const [ownSide, otherSide] = [path.split("/")[0], target.split("/")[0]];
  if (otherSide !== "shared" && ownSide !== otherSide)
    return [`${path}: ${ownSide} must not see ${otherSide} (${specifier})`];
  if (here.room === there.room)
    return sources.has(target) || specifier.endsWith(".css") ? [] : [`${path}: ${specifier} is not there`];
  if (here.floor === window || there.floor === window)
    return [`${path}: hub/web and the rest see each other over HTTP only (${specifier})`];
  if (
    here.floor === there.floor &&
    here.floor === 6 &&
    path.startsWith("hub/quickstart/") === target.startsWith("hub/quickstart/")
  )
    return [];
  if (there.floor >= here.floor)
    return [`${path}: floor ${here.floor} must not see floor ${there.floor} (${specifier})`];
  return [];
}

/** Each cycle once, as its path. Types count: what needs each other's types is one thing. */
function cyclesIn(sources: Sources): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) {
      cycles.push(`cycle: ${[...above.slice(above.indexOf(path)), path].join(" -> ")}`);
      return;
    }
    if (done.has(path)) return;
    for (const specifier of importsIn(sources.get(path) ?? ""))
      if (specifier.startsWith(".") && sources.has(inward(path, specifier)))
        visit(inward(path, specifier), [...above, path]);
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  return cycles;
}

function house(): Sources {
  const sources = new Map<string, string>();
  for (const side of ["shared", "agent", "hub"])
    for (const entry of readdirSync(join(root, side), { recursive: true, withFileTypes: true })) {
      const path = relative(root, join(entry.parentPath, entry.name));
      // Generated types need each other in circles; vite reads its own settings.
      if (!/\.tsx?$/.test(path) || path.startsWith("shared/wire/gen/") || path.endsWith("/vite.config.ts")) continue;
      sources.set(path, readFileSync(join(root, path), "utf8"));
    }
  return sources;
}

test("the house's floors hold: imports point down, rooms do not see each other, nothing goes in circles", () => {
  const sources = house();
  assert.ok(sources.size > 50, "the house was found");
  const generated = (fault: string): boolean =>
    /shared\/wire\/gen\//.test(fault) || /\/gen\/.* is not there$/.test(fault);
  assert.deepEqual(
    faultsIn(sources).filter((fault) => !generated(fault)),
    [],
  );
});

const planted: readonly (readonly [what: string, files: Record<string, string>, fault: RegExp])[] = [
  [
    "shared sees the agent",
    { "shared/a.ts": 'import { b } from "../agent/ledger/b.ts";', "agent/ledger/b.ts": "" },
    /must not see agent/,
  ],
  [
    "agent sees the hub's types",
    { "agent/a.ts": 'import type { B } from "../hub/store/b.ts";', "hub/store/b.ts": "" },
    /agent must not see hub/,
  ],
  [
    "hub sees the agent by re-export",
    { "hub/a.ts": 'export * from "../agent/main.ts";', "agent/main.ts": "" },
    /hub must not see agent/,
  ],
  [
    "the store looks up",
    { "hub/store/a.ts": 'import "../intake/b.ts";', "hub/intake/b.ts": "" },
    /floor 2 must not see floor 5/,
  ],
  [
    "rooms of one floor",
    { "hub/api/a.ts": 'const b = await import("../intake/b.ts");', "hub/intake/b.ts": "" },
    /floor 5 must not see floor 5/,
  ],
  [
    "two modules",
    { "hub/modules/flux/a.ts": "import { b } from '../blacklist/b.ts';", "hub/modules/blacklist/b.ts": "" },
    /floor 5/,
  ],
  [
    "quickstart reaches into the hub",
    { "hub/quickstart/a.ts": 'import { s } from "../serve.ts";', "hub/serve.ts": "" },
    /floor 6 must not see floor 6/,
  ],
  [
    "the page reaches into the API",
    { "hub/web/src/a.tsx": 'import type { B } from "../../api/b.ts";', "hub/api/b.ts": "" },
    /over HTTP only/,
  ],
  [
    "the hub reaches into the page",
    { "hub/api/a.ts": 'import { b } from "../web/src/b.tsx";', "hub/web/src/b.tsx": "" },
    /over HTTP only/,
  ],
  [
    "a cycle of types",
    { "shared/a.ts": 'import type { B } from "./b.ts";', "shared/b.ts": 'import type { A } from "./a.ts";' },
    /cycle: shared\/a.ts -> shared\/b.ts -> shared\/a.ts/,
  ],
  [
    "an import over several lines",
    { "shared/a.ts": 'import {\n  b,\n} from "../hub/store/b.ts";', "hub/store/b.ts": "" },
    /shared must not see hub/,
  ],
  ["no ending", { "shared/a.ts": 'import { b } from "./b";', "shared/b.ts": "" }, /does not end in \.ts/],
  ["the environment", { "agent/main.ts": "const home = process.env.HOME;" }, /reads the environment/],
  ["the environment in a disguise", { "agent/main.ts": 'const home = process["env"].HOME;' }, /reads the environment/],
  ["the environment by import", { "hub/main.ts": 'import { env } from "node:process";' }, /reads the environment/],
  ["a drawer for all", { "shared/utils.ts": "" }, /says nothing/],
  ["a room without a floor", { "hub/kitchen/a.ts": "" }, /stands in no room/],
  ["out of the house", { "agent/main.ts": 'import { a } from "../test/a.ts";' }, /leads out of the house/],
];

for (const [what, files, fault] of planted)
  test(`the checker sees a planted fault: ${what}`, () => {
    const faults = faultsIn(new Map(Object.entries(files)));
    assert.ok(
      faults.some((found) => fault.test(found)),
      faults.join("\n") || "it saw nothing",
    );
  });

test("the checker is silent where all is well", () => {
  const files = {
    "shared/a.ts": 'import { readFile } from "node:fs/promises";\n// import { b } from "../agent/main.ts";\n',
    "agent/config.ts": "export const home = process.env.HOME;",
    "agent/main.ts":
      'import { a } from "../shared/a.ts";\nimport { home } from "./config.ts";\nimport { l } from "./ledger/l.ts";',
    "agent/ledger/l.ts": 'import { a } from "../../shared/a.ts"; /* from "../main.ts" */',
    "hub/quickstart/main.ts": 'import { b } from "./build.ts";',
    "hub/quickstart/build.ts": "",
  };
  assert.deepEqual(faultsIn(new Map(Object.entries(files))), []);
});
