import type { Connections } from "./engine.ts";

/**
 * Which agent signed what has a number. Numbers are never given twice, so what was read once stays true; a join in
 * every list would leave it to the planner to start from the wrong end.
 */
export class AgentsOf {
  readonly #reader: Connections["reader"];
  readonly #byAuthor = new Map<number, string>();
  readonly #byStream = new Map<number, string>();

  constructor(reader: Connections["reader"]) {
    this.#reader = reader;
  }

  authors(numbers: Iterable<number>): Promise<ReadonlyMap<number, string>> {
    return this.#known(this.#byAuthor, numbers);
  }
  streams(numbers: Iterable<number>): Promise<ReadonlyMap<number, string>> {
    return this.#known(this.#byStream, numbers);
  }

  async #known(held: Map<number, string>, numbers: Iterable<number>): Promise<ReadonlyMap<number, string>> {
    if ([...numbers].every((number) => held.has(number))) return held;
    const rows = await this.#reader
      .selectFrom("stream")
      .innerJoin("author", "author.number", "stream.author")
      .select(["stream.number as stream", "author.number as author", "author.agent"])
      .execute();
    for (const { stream, author, agent } of rows) {
      this.#byStream.set(stream, agent);
      this.#byAuthor.set(author, agent);
    }
    return held;
  }
}
