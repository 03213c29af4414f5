// What the gate counts, as Prometheus text. Labels are actions, verdicts and ends: never users, containers or paths, so
// that the number of series has a bound. OpenTelemetry names of the same things: docs/metrics.md.
// Source: prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4; docs/practices/naming.

import type { AuditOpening, AuditOutcome, AuditSink } from "../model/audit.ts";
import type { PolicyEngine } from "../policy/policy-engine.ts";

export type GateMetrics = {
  /** The same policies, whose decisions are timed. */
  timing(engine: PolicyEngine): PolicyEngine;
  /** Counts what passes through an audit sink, which is every request. */
  counting(sink: AuditSink): AuditSink;
  /** Bytes that were no request. */
  countMalformed(status: number): void;
  render(): string;
};

type Verdict = "allow" | "deny" | "would-deny";

/** Upper bounds in seconds. */
const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1] as const;

export function createGateMetrics(): GateMetrics {
  const requests = new Counter("plimsoll_requests_total", "Requests by what they do and what was decided.");
  const ends = new Counter("plimsoll_request_ends_total", "How requests ended.");
  const malformed = new Counter("plimsoll_malformed_requests_total", "Bytes that were no HTTP request.");
  const bytes = new Counter("plimsoll_body_bytes_total", "Bytes of bodies and streams, by direction.");
  const decisions = new Histogram("plimsoll_decision_duration_seconds", "From the facts to the verdict.");
  const duration = new Histogram("plimsoll_request_duration_seconds", "From a request's arrival to its end.");
  const open = new Set<string>();
  const timedEngines = new WeakMap<PolicyEngine, PolicyEngine>();
  const requestLabels = labelling();
  const close = (opening: AuditOpening, outcome: AuditOutcome): void => {
    requests.add(requestLabels(opening));
    ends.add(endLabels[outcome.end]);
    bytes.add('direction="in"', outcome.bytesIn);
    bytes.add('direction="out"', outcome.bytesOut);
    duration.observe(outcome.durationMs / 1000);
  };
  return {
    timing(engine) {
      const timed = timedEngines.get(engine) ?? timedEngine(engine, decisions);
      timedEngines.set(engine, timed);
      return timed;
    },
    countMalformed: (status) => malformed.add(`status="${status}"`),
    counting: (sink) => ({
      async open(opening) {
        await sink.open(opening);
        open.add(opening.id);
      },
      close(opening, outcome) {
        close(opening, outcome);
        open.delete(opening.id);
        return sink.close(opening, outcome);
      },
    }),
    render: () =>
      [
        requests.render(),
        ends.render(),
        malformed.render(),
        bytes.render(),
        gauge("plimsoll_open_requests", "Requests that the engine is working on, streams included.", open.size),
        decisions.render(),
        duration.render(),
      ].join(""),
  };
}

const endLabels: Readonly<Record<AuditOutcome["end"], string>> = {
  complete: 'end="complete"',
  "client-gone": 'end="client-gone"',
  "engine-gone": 'end="engine-gone"',
  refused: 'end="refused"',
  interrupted: 'end="interrupted"',
};

/** Texts that come with nearly every request are made once. */
function labelling(): (opening: AuditOpening) => string {
  const texts = {
    allow: new Map<string, string>(),
    deny: new Map<string, string>(),
    "would-deny": new Map<string, string>(),
  };
  return (opening) => {
    const verdict = verdictOf(opening);
    const known = texts[verdict].get(opening.action);
    if (known !== undefined) return known;
    const text = `action="${opening.action}",verdict="${verdict}"`;
    texts[verdict].set(opening.action, text);
    return text;
  };
}

function verdictOf({ verdict, wouldDeny }: AuditOpening): Verdict {
  return wouldDeny ? "would-deny" : verdict;
}

function timedEngine(engine: PolicyEngine, decisions: Histogram): PolicyEngine {
  return {
    generation: engine.generation,
    rules: engine.rules,
    decide(question) {
      const started = performance.now();
      const decision = engine.decide(question);
      decisions.observe((performance.now() - started) / 1000);
      return decision;
    },
    explain: (question) => engine.explain(question),
    grantsOf: (principal) => engine.grantsOf(principal),
    grantReasons: (principal) => engine.grantReasons(principal),
    close: () => engine.close(),
  };
}

class Counter {
  readonly #name: string;
  readonly #help: string;
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  /** @param labels as the format has them: `end="complete"` */
  add(labels: string, value = 1): void {
    this.#values.set(labels, (this.#values.get(labels) ?? 0) + value);
  }

  render(): string {
    const lines = [...this.#values].map(([labels, value]) => `${this.#name}{${labels}} ${value}\n`);
    return `${header(this.#name, this.#help, "counter")}${lines.join("")}`;
  }
}

class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #counts = new Array<number>(buckets.length + 1).fill(0);
  #sum = 0;

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  observe(seconds: number): void {
    const found = buckets.findIndex((bound) => seconds <= bound);
    const at = found < 0 ? buckets.length : found;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += seconds;
  }

  render(): string {
    let total = 0;
    const lines = this.#counts.map((count, at) => {
      total += count;
      return `${this.#name}_bucket{le="${buckets[at] ?? "+Inf"}"} ${total}\n`;
    });
    return `${header(this.#name, this.#help, "histogram")}${lines.join("")}${this.#name}_sum ${this.#sum}\n${this.#name}_count ${total}\n`;
  }
}

function gauge(name: string, help: string, value: number): string {
  return `${header(name, help, "gauge")}${name} ${value}\n`;
}

function header(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}
