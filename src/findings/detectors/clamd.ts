// Malware by a running clamd, if the configuration names its socket. Only what can do harm is sent, and each content once.

import type { Finding } from "../../model/finding.ts";
import type { FileEntry } from "../../model/layer.ts";
import type { FileProblem } from "../../model/package.ts";
import type { Detector, OpenedDetector } from "../detector.ts";
import { fileKind } from "../file-kind.ts";
import { askVersion, scanStream } from "../malware/clamd.ts";
import { makeContentPool } from "../malware/content-pool.ts";
import { openSpool, type Spooled } from "../malware/spool.ts";
import { sha256Of, toMalware } from "../malware/to-malware.ts";
import { makeWorkQueue } from "../malware/work-queue.ts";

/** clamd's own limit is 100 MB (StreamMaxLength) where nobody changed it, 25 MB in older versions. */
const maxFileBytes = 64 * 1024 * 1024;
const maxMemoryBytes = 32 * 1024 * 1024;
const connections = 4;
/** Contents that are remembered as asked. */
const maxKnown = 200_000;

export const clamd: Detector = {
  name: "clamd",
  summary: "malware by ClamAV's signatures, from a running clamd",
  needs: {},
  open: async ({ clamdSocket }) => (clamdSocket === "" ? off : openClamd(clamdSocket, await askVersion(clamdSocket))),
};

const off: OpenedDetector = { fingerprint: "clamd off", close: () => Promise.resolve() };

type Job = {
  readonly content: Spooled;
  readonly sha256: string;
  readonly path: string;
  readonly found: (finding: Finding) => void;
};

function openClamd(socket: string, version: string): OpenedDetector {
  const spool = openSpool(maxMemoryBytes);
  const pool = makeContentPool();
  const queue = makeWorkQueue(connections);
  /** Names by SHA-256, "" for clean ones. */
  const known = new Map<string, Promise<string>>();
  let problems: FileProblem[] = [];
  const problem = (path: string, what: string): number => problems.push({ path, plugin: "clamd", what });

  const ask = async ({ content, path }: Job): Promise<string> => {
    const verdict = await scanStream(socket, content.read());
    if (verdict.kind === "refused") problem(path, `clamd did not scan it: ${verdict.why.slice(0, 200)}`);
    return verdict.kind === "found" ? verdict.name : "";
  };
  const run = async (job: Job): Promise<void> => {
    const earlier = known.get(job.sha256);
    if (earlier !== undefined) job.content.drop();
    const answer = earlier ?? ask(job);
    if (known.size < maxKnown) known.set(job.sha256, answer);
    const name = await answer;
    if (name !== "") job.found(toFinding(job, name));
  };

  return {
    fingerprint: `clamd 1 ${version}`,
    visit(entry, head, found) {
      if (!isOfInterest(entry, head)) return undefined;
      if (entry.size > maxFileBytes) {
        problem(entry.path, `larger than ${maxFileBytes} bytes, not sent to clamd`);
        return undefined;
      }
      return pool.collect(entry.size, (content) => {
        const job: Job = { content: spool.put(content), sha256: sha256Of(content), path: entry.path, found };
        queue.push(() => run(job));
      });
    },
    settle: () => queue.settle(),
    takeProblems() {
      const taken = problems;
      problems = [];
      return taken;
    },
    close() {
      queue.clear();
      spool.close();
      return Promise.resolve();
    },
  };
}

function toFinding({ path, sha256 }: Job, name: string): Finding {
  return toMalware({ id: name, title: `ClamAV: ${name}`, severity: "critical", detector: "clamd", path, sha256 });
}

/** Programs, scripts, archives and documents that carry programs. Pictures and plain texts are not worth the time. */
function isOfInterest(entry: FileEntry, head: Uint8Array): boolean {
  if (entry.kind !== "file" || entry.size === 0) return false;
  const start = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
  if (magics.some((magic) => start.startsWith(magic)) || start.startsWith("ustar", 257)) return true;
  return programNames.test(entry.path) || (fileKind(head) === "text" && (entry.mode & 0o111) !== 0);
}

const magics =
  "\x7fELF MZ #! !<arch> PK\x03\x04 \x1f\x8b BZh 7z\xbc\xaf Rar! \xfd7zXZ %PDF \xca\xfe\xba\xbe \xfe\xed\xfa \xcf\xfa\xed\xfe \xd0\xcf\x11\xe0 MSCF X5O! <?php {\\rtf".split(
    " ",
  );

const programNames =
  /\.(?:php\d?|phtml|jspx?|aspx?|ashx|cgi|pl|py|rb|sh|m?js|cjs|vbs|ps1|bat|cmd|hta|com|exe|dll|so|ko|jar|class|wasm|chm|lnk|iso|cpio|arj|eml|docm?|xlsm?|pptm?)$/i;
