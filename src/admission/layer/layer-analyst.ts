// Looks at one layer while it flows by: hands each file to the catalogers and detectors that want it. One bad file is told and
// never ends the scan.

import { errorText, limitExceeded, PlimsollError } from "../../base/errors.ts";
import type { OpenedDetector } from "../../findings/detector.ts";
import type { ReadLayer } from "../../image/layer/read-layer.ts";
import { type Cataloger, maxHeldBytes } from "../../inventory/cataloger.ts";
import { ownedThatTell } from "../../inventory/owned-paths.ts";
import type { Router } from "../../inventory/route.ts";
import type { Finding } from "../../model/finding.ts";
import type { ContentSink, FileEntry, LayerVisitor } from "../../model/layer.ts";
import type { CatalogResult, FileProblem, FoundResult } from "../../model/package.ts";
import type { LayerAnalysis } from "./analysis.ts";
import { joinSinks, Scratch, wholeSink } from "./content-sinks.ts";
import { type LargeSink, largeSink } from "./large-file.ts";

export type NamedDetector = { readonly name: string; readonly detector: OpenedDetector };

/** A hostile layer must not fill the memory with what is wrong with it. */
const maxFindings = 20_000;
const maxProblems = 1000;
/** Of all files of a layer together, of those that could tell of packages. */
const maxOwned = 500_000;
const maxOwnedLength = 64 * 1024 * 1024;
/** Ten times what is in the largest images. */
const maxPackages = 80_000;

export class LayerAnalyst implements LayerVisitor {
  readonly #router: Router;
  readonly #detectors: readonly NamedDetector[];
  readonly #results: FoundResult[] = [];
  readonly #findings: Finding[] = [];
  readonly #problems: FileProblem[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #scratch = new Scratch();
  /** The file that is on its way to the disk. */
  #large: LargeSink | undefined;
  #owned = 0;
  #ownedLength = 0;
  #packages = 0;
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
    const readers = wanted.length === 0 ? wanted : this.#able(entry, wanted);
    const sinks = this.#ask(entry, head);
    if (readers.length === 0) return sinks && joinSinks(sinks);
    if (entry.size > maxHeldBytes) return joinSinks([this.#catalogLarge(entry, readers), ...(sinks ?? noSinks)]);
    return this.#catalogLater(entry, readers, sinks ?? noSinks);
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

  /** Also when the layer could not be read to its end. */
  close(): void {
    this.#large?.close();
  }

  #ask(entry: FileEntry, head: Uint8Array): readonly ContentSink[] | undefined {
    let sinks: ContentSink[] | undefined;
    for (const { name, detector } of this.#detectors) {
      const sink = this.#guardedVisit(entry, head, name, detector);
      if (sink === undefined) continue;
      sinks ??= [];
      sinks.push(sink);
    }
    return sinks;
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

  #able(entry: FileEntry, wanted: readonly Cataloger[]): readonly Cataloger[] {
    return wanted.filter(({ name, maxBytes, catalogLarge }) => {
      if (entry.size <= (catalogLarge === undefined ? Math.min(maxBytes, maxHeldBytes) : maxBytes)) return true;
      this.#addProblem({ path: entry.path, plugin: name, what: `${entry.size} bytes, at most ${maxBytes} are read` });
      return false;
    });
  }

  /** Detectors get the file that is gathered for the catalogers anyhow, in one piece: none of them has to gather it again. */
  #catalogLater({ path, size }: FileEntry, readers: readonly Cataloger[], sinks: readonly ContentSink[]): ContentSink {
    return wholeSink(size, this.#scratch, (content) => {
      for (const cataloger of readers) {
        this.#catalog(cataloger, path, () => cataloger.catalog({ path, content }));
      }
      for (const sink of sinks) {
        if (content.length > 0) sink.write(content);
        sink.end();
      }
    });
  }

  /** What does not fit on the disk is a problem of this file. */
  #catalogLarge({ path }: FileEntry, readers: readonly Cataloger[]): ContentSink {
    const plugin = readers.map(({ name }) => name).join(", ");
    this.#large?.close();
    try {
      const sink = largeSink((content) => {
        for (const cataloger of readers) {
          this.#catalog(cataloger, path, () => cataloger.catalogLarge?.({ path, content }));
        }
      });
      this.#large = sink;
      const { write } = this.#guarded(sink, path, plugin);
      return { write, end: () => sink.end() };
    } catch (thrown) {
      this.#problem(path, plugin, thrown);
      return noSink;
    }
  }

  #catalog({ name }: Cataloger, path: string, read: () => CatalogResult | undefined): void {
    let result: CatalogResult | undefined;
    try {
      result = read();
    } catch (thrown) {
      this.#problem(path, name, thrown);
    }
    this.#keep(name, path, result);
  }

  /** @throws PlimsollError LIMIT_EXCEEDED: what is left out of a list of packages would look clean */
  #keep(name: string, path: string, result: CatalogResult | undefined): void {
    if (result === undefined) return;
    const isEmpty = result.packages.length === 0 && result.owned.length === 0 && result.distribution === undefined;
    if (isEmpty && (result.problems ?? []).length === 0) return;
    const owned = ownedThatTell(result.owned, this.#router);
    this.#owned += owned.length;
    this.#ownedLength += owned.reduce((sum, { length }) => sum + length, 0);
    this.#packages += result.packages.length;
    if (this.#owned > maxOwned || this.#ownedLength > maxOwnedLength)
      throw limitExceeded(
        path,
        `lists of more than ${maxOwned} programs and package files in one layer, or too long ones`,
      );
    if (this.#packages > maxPackages) throw limitExceeded(path, `more than ${maxPackages} packages in one layer`);
    this.#results.push({ path, layer: 0, cataloger: name, result: { ...result, owned } });
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
const noSink: ContentSink = { write: () => undefined, end: () => undefined };
const noSinks: readonly ContentSink[] = [];
