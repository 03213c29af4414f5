// What `plimsoll scan` does.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { scanImage } from "../../admission/pipeline.ts";
import type { ScanRoom } from "../../admission/scan-room.ts";
import { loadSuppressions, type SuppressionFiles } from "../../admission/suppressions.ts";
import { printable } from "../../base/printable.ts";
import { severities, severityRank } from "../../base/severity.ts";
import { databaseFile } from "../../findings/update/feed-folder.ts";
import type { Severity } from "../../model/advisory.ts";
import type { ScanResult } from "../../model/scan.ts";
import { describeScan } from "../../report/describe.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import type { AdmissionConfiguration } from "../configuration/configuration.ts";
import { judgeByPolicies } from "./judge-by-policies.ts";
import { openAdvisories } from "./open-advisories.ts";
import { openRoom } from "./open-room.ts";
import { progressLine } from "./progress-line.ts";
import { withInterrupt } from "./with-interrupt.ts";
import { chooseFormat, writeReport } from "./write-report.ts";

/** Of the folder that one works in. */
const usualIgnoreFile = ".plimsoll-ignore.yaml";

export function runScan(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  return withInterrupt(async (signal) => {
    const output = input.text("output");
    const format = chooseFormat(input.text("format"), output, "table");
    const line = progressLine(context.stderr, input.flag("quiet"));
    const opened = await openRoom(context, input, signal, (progress) => line.show(progress));
    try {
      const { admission, stateFolder } = opened.configuration;
      const named = input.text("database") ?? admission.databasePath;
      const file = named === "" ? databaseFile(join(stateFolder, "advisories")) : named;
      const database = openAdvisories(file, named !== "", context.stderr);
      const policies = judgeByPolicies(input.list("policies"));
      // Told when it is asked for, after the image has been read.
      policies.catch(() => undefined);
      const room: ScanRoom = {
        ...opened.reading,
        sources: opened.sources,
        database,
        suppress: loadSuppressions(suppressionFiles(input, admission), Date.now),
        judge: undefined,
        tool: opened.tool,
        nowMs: () => Date.now(),
      };
      const scanned = await scanImage(input.positionals[0] ?? "", room).finally(() => line.clear());
      const judged = { ...scanned, decision: (await policies)?.(scanned) };
      const result = input.flag("only-fixed") ? onlyFixed(judged) : judged;
      for (const { name, why } of opened.missing()) context.stderr.write(`plimsoll: ${name} is off: ${why}\n`);
      if (format.name !== "table" && !input.flag("quiet"))
        context.stderr.write(`${printable(describeScan(result), 500)}\n`);
      writeReport(result, { format, output, showLayers: input.flag("layers") }, context.stdout);
      return exitCodeOf(result, input.text("fail-on"));
    } finally {
      line.clear();
      await opened.close();
    }
  });
}

/** What the configuration accepts for every image, and what is accepted here. */
function suppressionFiles(input: CommandInput, { ignoreFiles, vexFiles }: AdmissionConfiguration): SuppressionFiles {
  const named = input.list("ignore-file");
  const usual = existsSync(usualIgnoreFile) ? [usualIgnoreFile] : [];
  return {
    ignoreFiles: [...ignoreFiles, ...(named.length === 0 ? usual : named)],
    vexFiles: [...vexFiles, ...input.list("vex")],
  };
}

function onlyFixed(result: ScanResult): ScanResult {
  const findings = result.findings.filter((finding) => finding.kind !== "vulnerability" || finding.fixedVersion !== "");
  return { ...result, findings };
}

function exitCodeOf({ decision, findings }: ScanResult, failOn: string | undefined): ExitCode {
  if (decision?.verdict === "deny") return 1;
  if (failOn === undefined) return 0;
  const least = severityRank(asSeverity(failOn));
  return findings.some(({ severity }) => severityRank(severity) >= least) ? 1 : 0;
}

/** The parser has refused all other words. */
function asSeverity(text: string): Severity {
  return severities.find((severity) => severity === text) ?? "unknown";
}
