// A layer's analysis in pieces: how many bytes the recorded paths have, these as they are, then the rest as lines of JSON.

import { malformed, never } from "../../base/errors.ts";
import type { Finding } from "../../model/finding.ts";
import type { CatalogResult, FileProblem, FoundResult, Package } from "../../model/package.ts";
import type { LayerAnalysis } from "../layer/analysis.ts";
import { gatherLines, listLines, readLines } from "./json-lines.ts";

type Told = Omit<FoundResult, "result"> & { readonly result: Omit<CatalogResult, "packages" | "owned"> };

type AnalysisLine =
  | readonly ["summary", LayerAnalysis["summary"]]
  /** What a file told; its lists follow. */
  | readonly ["result", Told]
  | readonly ["packages", readonly Package[]]
  | readonly ["owned", readonly string[]]
  | readonly ["findings", readonly Finding[]]
  | readonly ["problems", readonly FileProblem[]];

const headBytes = 8;
const pathPieceBytes = 1024 * 1024;

export function* packAnalysis(analysis: LayerAnalysis): Generator<Uint8Array> {
  const { paths } = analysis;
  const head = Buffer.alloc(headBytes);
  head.writeBigUInt64LE(BigInt(paths.length));
  yield head;
  for (let at = 0; at < paths.length; at += pathPieceBytes) yield paths.subarray(at, at + pathPieceBytes);
  yield* gatherLines(linesOf(analysis));
}

function* linesOf({ summary, results, findings, problems }: LayerAnalysis): Generator<string> {
  yield JSON.stringify(["summary", summary]);
  for (const { result, ...where } of results) {
    const { packages, owned, ...rest } = result;
    yield JSON.stringify(["result", { ...where, result: rest }]);
    yield* listLines("packages", packages);
    yield* listLines("owned", owned);
  }
  yield* listLines("findings", findings);
  yield* listLines("problems", problems);
}

/** @param pieces of packAnalysis, whose hash was checked @throws PlimsollError MALFORMED_INPUT */
export function unpackAnalysis(pieces: Iterable<Buffer>): LayerAnalysis {
  const left = pieces[Symbol.iterator]();
  const paths = readPaths(left);
  let summary: LayerAnalysis["summary"] | undefined;
  const results: FoundResult[] = [];
  const [findings, problems]: [Finding[], FileProblem[]] = [[], []];
  let [packages, owned]: [Package[], string[]] = [[], []];
  for (const line of readLines<AnalysisLine>({ [Symbol.iterator]: () => left })) {
    switch (line[0]) {
      case "summary":
        summary = line[1];
        break;
      case "result":
        [packages, owned] = [[], []];
        results.push({ ...line[1], result: { ...line[1].result, packages, owned } });
        break;
      case "packages":
        packages.push(...line[1]);
        break;
      case "owned":
        owned.push(...line[1]);
        break;
      case "findings":
        findings.push(...line[1]);
        break;
      case "problems":
        problems.push(...line[1]);
        break;
      default:
        never(line);
    }
  }
  if (summary === undefined) throw malformed("kept analysis", "no summary");
  return { summary, results, findings, problems, paths };
}

function readPaths(pieces: Iterator<Buffer>): Uint8Array {
  const head = pieces.next();
  if (head.done === true || head.value.length !== headBytes) throw malformed("kept analysis", "no length");
  const paths = Buffer.allocUnsafeSlow(Number(head.value.readBigUInt64LE()));
  for (let end = 0; end < paths.length; ) {
    const piece = pieces.next();
    if (piece.done === true) throw malformed("kept analysis", "shorter than it says");
    end += piece.value.copy(paths, end);
  }
  return paths;
}
