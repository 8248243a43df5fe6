import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export type { Counter, Gauge, Histogram };

/** Makes the metrics of one process. Each part asks for its own; units stand in the names. */
export class Metrics {
  readonly #registry = new Registry();

  constructor(defaults = true) {
    if (defaults) collectDefaultMetrics({ register: this.#registry });
  }
  counter<L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }
  /** A gauge; `read` is called at each scrape, where the value is cheaper to ask than to keep. */
  gauge(name: string, help: string, read?: () => number): Gauge {
    return new Gauge({
      name,
      help,
      registers: [this.#registry],
      ...(read && {
        collect(this: Gauge) {
          this.set(read());
        },
      }),
    });
  }
  histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.#registry] });
  }
  /** The Prometheus text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
  readonly contentType = "text/plain; version=0.0.4; charset=utf-8";
}
