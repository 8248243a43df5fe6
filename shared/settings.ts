import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { errno, Failure, messageOf } from "./failure.ts";

/**
 * Settings of one program: flags > TIP_* environment > TOML file > defaults. One name serves all: the flag
 * `--data`, the variable `TIP_DATA`, the key `data`. Lists are repeated flags, comma-separated variables, arrays.
 */
export type Flags = Readonly<Record<string, unknown>>;
export type Environment = Readonly<Record<string, string | undefined>>;

const variableOf = (name: string): string => `TIP_${name.toUpperCase().replaceAll("-", "_")}`;
/** commander's name of a flag: `log-level` is `logLevel`. */
const flagOf = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

export class Settings {
  readonly #flags: Flags;
  readonly #environment: Environment;
  readonly #file: Readonly<Record<string, unknown>>;
  readonly #path: string | undefined;

  /** `known` are all names that the file may hold: a misspelt one is an error, not a silence. */
  constructor(flags: Flags, environment: Environment, known: readonly string[]) {
    this.#flags = flags;
    this.#environment = environment;
    const path = (flags["config"] as string | undefined) ?? environment[variableOf("config")];
    this.#path = path;
    this.#file = path === undefined ? {} : readToml(path, known);
  }

  #raw(name: string): { value: unknown; from: string } | undefined {
    const flag = this.#flags[flagOf(name)];
    if (flag !== undefined && !(Array.isArray(flag) && flag.length === 0)) return { value: flag, from: `--${name}` };
    const variable = this.#environment[variableOf(name)];
    if (variable !== undefined && variable !== "") return { value: variable, from: variableOf(name) };
    const entry = this.#file[name];
    return entry === undefined ? undefined : { value: entry, from: `'${name}' in ${this.#path}` };
  }

  text(name: string): string | undefined {
    const raw = this.#raw(name);
    if (raw === undefined) return undefined;
    if (typeof raw.value !== "string") throw new Failure("config", `${raw.from} must be a text`);
    return raw.value;
  }

  list(name: string): string[] {
    const raw = this.#raw(name);
    if (raw === undefined) return [];
    if (typeof raw.value === "string")
      return raw.value
        .split(",")
        .map((part) => part.trim())
        .filter(Boolean);
    if (Array.isArray(raw.value) && raw.value.every((part) => typeof part === "string")) return raw.value;
    throw new Failure("config", `${raw.from} must be a list of texts`);
  }

  whole(name: string, fallback: number, min: number, max: number): number {
    const raw = this.#raw(name);
    if (raw === undefined) return fallback;
    const value = typeof raw.value === "number" ? raw.value : Number(raw.value);
    if (!Number.isInteger(value) || value < min || value > max || raw.value === "")
      throw new Failure("usage", `${raw.from} must be a whole number from ${min} to ${max}`);
    return value;
  }

  /** One of a few words. */
  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const found = choices.find((choice) => choice === value);
    if (found === undefined)
      throw new Failure("usage", `--${name} must be one of ${choices.join(", ")}; it is '${value}'`);
    return found;
  }
}

function readToml(path: string, known: readonly string[]): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const why = errno(cause) === "ENOENT" ? "does not exist" : messageOf(cause);
    throw new Failure("config", `the configuration file ${path} cannot be read: ${why}`, { cause });
  }
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch (cause) {
    throw new Failure("config", `the configuration file ${path} is no TOML: ${messageOf(cause).split("\n")[0]}`, {
      cause,
    });
  }
  const stranger = Object.keys(table).find((key) => !known.includes(key));
  if (stranger !== undefined)
    throw new Failure(
      "config",
      `the configuration file ${path} has '${stranger}', which is no setting; known are ${known.join(", ")}`,
    );
  return table;
}
