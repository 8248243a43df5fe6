import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { exitStatus, Failure, messageOf } from "./failure.ts";
import { printable } from "./log.ts";
import { release } from "./release.ts";

/** The frame that both programs share: common flags, exit statuses, one line for what went wrong. */
export function createProgram(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .version(release)
    .exitOverride()
    .showHelpAfterError(`(${name} --help tells more)`)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false });
}

/** A subcommand with what every one of them knows: --data, --config, --json. */
export function subcommand(program: Command, usage: string, description: string, dataDefault: string): Command {
  return program
    .command(usage)
    .description(description)
    .option("--data <DIR>", `data directory (default: ${dataDefault})`)
    .option("--config <FILE>", "TOML file with settings of the same names")
    .option("--json", "answer in JSON")
    .addOption(new Option("--log-level <LEVEL>", "debug, info, warn or error (default: info)").hideHelp());
}

/** Collects a flag that may be repeated. */
export const repeated = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError("it must be a whole number.");
  return value;
}

/** Runs the program; resolves to the exit status. An error is one line on standard error, with how to mend it. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitStatus.usage;
    if (error instanceof Failure) {
      process.stderr.write(`${program.name()}: ${printable(error.message)}\n`);
      return exitStatus[error.code];
    }
    process.stderr.write(
      `${program.name()}: ${printable(messageOf(error))} (this is a fault in TIP; please report it)\n`,
    );
    if (error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
    return 1;
  }
}

/** The command's answer on standard output: JSON on one line, or text. */
export function answer(json: boolean | undefined, value: unknown, text: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text()}\n`);
}
