// What a scan finds in one image, for the picture: read by digest, with what was learnt before.

import { scanImage } from "../../admission/pipeline.ts";
import { loadSuppressions } from "../../admission/suppressions.ts";
import { databaseFile } from "../../findings/update/feed-folder.ts";
import { countByKind, countBySeverity, counted } from "../../report/count-findings.ts";
import type { CommandContext, CommandInput } from "../command.ts";
import { openAdvisories } from "../scan/open-advisories.ts";
import { openRoom } from "../scan/open-room.ts";
import { progressLine } from "../scan/progress-line.ts";
import { withInterrupt } from "../scan/with-interrupt.ts";

/** @param source where the image is read, `registry://repository@sha256:...` @returns one line @throws PlimsollError of whatever kept it from being read */
export async function findingsOf(context: CommandContext, input: CommandInput, source: string): Promise<string> {
  const found = await withInterrupt(async (signal) => {
    const line = progressLine(context.stderr, false);
    const opened = await openRoom(context, input, signal, (progress) => line.show(progress));
    try {
      const { admission, stateFolder } = opened.configuration;
      const file = admission.databasePath || databaseFile(`${stateFolder}/advisories`);
      const { findings, inventory } = await scanImage(source, {
        ...{ ...opened.reading, sources: opened.sources, tool: opened.tool, nowMs: () => Date.now() },
        database: openAdvisories(file, admission.databasePath !== "", context.stderr),
        suppress: loadSuppressions(admission, Date.now),
        judge: undefined,
      });
      const severities = countBySeverity(findings).filter(({ count }) => count > 0);
      const kinds = countByKind(findings);
      const amounts = [
        ...severities.map(({ severity, count }) => `${count} ${severity}`),
        ...(kinds.malware === 0 ? [] : [`malware in ${counted(kinds.malware, "file")}`]),
        ...(kinds.secret === 0 ? [] : [counted(kinds.secret, "secret")]),
      ];
      return `${amounts.join(", ") || "nothing found"} in ${counted(inventory.packages.length, "package")}`;
    } finally {
      line.clear();
      await opened.close();
    }
  });
  return typeof found === "string" ? found : "given up";
}
