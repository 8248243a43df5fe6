import { spawn } from "node:child_process";
import { exitStatus, Failure, type FailureCode } from "../../shared/failure.ts";

/**
 * Runs a subcommand of one of the two programs to its end and gives what it printed on standard output, trimmed.
 * Throws Failure with the line that it said and the code of its status.
 */
export async function run(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const program = spawn(process.execPath, [script, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  program.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  program.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    program.once("error", reject);
    program.once("close", resolve);
  });
  if (status === 0) return said.out.trim();
  const why = reasonIn(said.err.split("\n")) ?? `it ended with ${status}`;
  throw new Failure(codeOf(status), `'${args.slice(0, 2).join(" ")}' failed: ${why}`);
}

/** The sentence for people among the lines that a program said: the last that is no JSON of its log. */
export function reasonIn(lines: readonly string[]): string | undefined {
  return lines.findLast((line) => line.trim() !== "" && !line.startsWith("{"))?.trim();
}

/** The kind of failure that an exit status stands for. */
export function codeOf(status: number | null): FailureCode {
  const codes = Object.entries(exitStatus) as [FailureCode, number][];
  return codes.find(([, number]) => number === status)?.[0] ?? "invalid";
}
