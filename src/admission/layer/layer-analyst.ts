// Looks at one layer while it flows by: hands each file to the catalogers and detectors that want it. One bad file is told and
// never ends the scan.

import { errorText, PlimsollError } from "../../base/errors.ts";
import type { OpenedDetector } from "../../findings/detector.ts";
import type { ReadLayer } from "../../image/layer/read-layer.ts";
import type { Cataloger } from "../../inventory/cataloger.ts";
import type { Router } from "../../inventory/route.ts";
import type { Finding } from "../../model/finding.ts";
import type { ContentSink, FileEntry, LayerVisitor } from "../../model/layer.ts";
import type { FileProblem, FoundResult } from "../../model/package.ts";
import type { LayerAnalysis } from "./analysis.ts";
import { joinSinks, Scratch, wholeSink } from "./content-sinks.ts";

export type NamedDetector = { readonly name: string; readonly detector: OpenedDetector };

/** A hostile layer must not fill the memory with what is wrong with it. */
const maxFindings = 20_000;
const maxProblems = 1000;

export class LayerAnalyst implements LayerVisitor {
  readonly #router: Router;
  readonly #detectors: readonly NamedDetector[];
  readonly #results: FoundResult[] = [];
  readonly #findings: Finding[] = [];
  readonly #problems: FileProblem[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #scratch = new Scratch();
  #lostFindings = 0;
  #lostProblems = 0;

  /** @param signal ends the reading at the next entry */
  constructor(router: Router, detectors: readonly NamedDetector[], signal?: AbortSignal) {
    this.#router = router;
    this.#detectors = detectors;
    this.#signal = signal;
  }

  visit(entry: FileEntry, head: Uint8Array): ContentSink | undefined {
    this.#signal?.throwIfAborted();
    const wanted = entry.kind === "file" ? this.#router.route(entry.path, head) : nobody;
    return this.#ask(entry, head, wanted.length === 0 ? undefined : this.#catalogLater(entry, wanted));
  }

  /** When the layer has been read to its end. */
  async finish({ paths, ...summary }: ReadLayer): Promise<LayerAnalysis> {
    for (const { name, detector } of this.#detectors) {
      try {
        await detector.settle?.();
      } catch (thrown) {
        this.#problem("", name, thrown);
      }
      for (const problem of detector.takeProblems?.() ?? []) this.#addProblem(problem);
    }
    this.#tellLost("findings", this.#lostFindings);
    this.#tellLost("problems", this.#lostProblems);
    return {
      summary,
      results: this.#results,
      findings: this.#findings,
      problems: this.#problems,
      paths,
    };
  }

  #ask(entry: FileEntry, head: Uint8Array, first: ContentSink | undefined): ContentSink | undefined {
    let sinks: ContentSink[] | undefined = first === undefined ? undefined : [first];
    for (const { name, detector } of this.#detectors) {
      const sink = this.#guardedVisit(entry, head, name, detector);
      if (sink === undefined) continue;
      sinks ??= [];
      sinks.push(sink);
    }
    return sinks === undefined ? undefined : joinSinks(sinks);
  }

  #guardedVisit(entry: FileEntry, head: Uint8Array, name: string, detector: OpenedDetector): ContentSink | undefined {
    try {
      const sink = detector.visit?.(entry, head, (finding) => this.#find(finding));
      return sink === undefined ? undefined : this.#guarded(sink, entry.path, name);
    } catch (thrown) {
      this.#problem(entry.path, name, thrown);
      return undefined;
    }
  }

  /** What a detector throws over one file is told as that file's problem. */
  #guarded(sink: ContentSink, path: string, name: string): ContentSink {
    let hasFailed = false;
    const attempt = (act: () => void): void => {
      if (hasFailed) return;
      try {
        act();
      } catch (thrown) {
        hasFailed = true;
        this.#problem(path, name, thrown);
      }
    };
    return { write: (chunk) => attempt(() => sink.write(chunk)), end: () => attempt(() => sink.end()) };
  }

  #catalogLater(entry: FileEntry, wanted: readonly Cataloger[]): ContentSink | undefined {
    const readers = wanted.filter(({ name, maxBytes }) => {
      if (entry.size <= maxBytes) return true;
      this.#addProblem({ path: entry.path, plugin: name, what: `${entry.size} bytes, at most ${maxBytes} are read` });
      return false;
    });
    if (readers.length === 0) return undefined;
    const { path, size } = entry;
    return wholeSink(size, this.#scratch, (content) => {
      for (const cataloger of readers) this.#catalog(cataloger, path, content);
    });
  }

  #catalog(cataloger: Cataloger, path: string, content: Uint8Array): void {
    try {
      const result = cataloger.catalog({ path, content });
      const isEmpty = result.packages.length === 0 && result.owned.length === 0 && result.distribution === undefined;
      if (isEmpty && (result.problems ?? []).length === 0) return;
      this.#results.push({ path, layer: 0, cataloger: cataloger.name, result });
    } catch (thrown) {
      this.#problem(path, cataloger.name, thrown);
    }
  }

  #find(finding: Finding): void {
    if (this.#findings.length < maxFindings) this.#findings.push(finding);
    else this.#lostFindings += 1;
  }

  #problem(path: string, plugin: string, thrown: unknown): void {
    const text = thrown instanceof PlimsollError ? thrown.message : `failed unexpectedly: ${errorText(thrown)}`;
    this.#addProblem({ path, plugin, what: text });
  }

  #addProblem(problem: FileProblem): void {
    if (this.#problems.length < maxProblems) this.#problems.push(problem);
    else this.#lostProblems += 1;
  }

  #tellLost(what: string, count: number): void {
    if (count > 0) this.#problems.push({ path: "", plugin: "scan", what: `${count} more ${what} are not listed` });
  }
}

const nobody: readonly Cataloger[] = [];
