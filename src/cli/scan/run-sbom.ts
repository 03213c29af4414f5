// What `plimsoll sbom` does.

import { scanImage } from "../../admission/pipeline.ts";
import type { CommandContext, CommandInput, ExitCode } from "../command.ts";
import { openRoom } from "./open-room.ts";
import { progressLine } from "./progress-line.ts";
import { withInterrupt } from "./with-interrupt.ts";
import { chooseFormat, writeReport } from "./write-report.ts";

export function runSbom(context: CommandContext, input: CommandInput): Promise<ExitCode> {
  return withInterrupt<ExitCode>(async (signal) => {
    const output = input.text("output");
    const format = chooseFormat(input.text("format"), output, "cyclonedx");
    const line = progressLine(context.stderr, input.flag("quiet"));
    const opened = await openRoom(context, input, signal, (progress) => line.show(progress));
    try {
      const result = await scanImage(input.positionals[0] ?? "", {
        ...opened.reading,
        sources: opened.sources,
        database: undefined,
        suppress: (findings) => ({ findings, suppressed: [], expired: [] }),
        judge: undefined,
        tool: opened.tool,
        nowMs: () => Date.now(),
      }).finally(() => line.clear());
      writeReport(result, { format, output, showLayers: false }, context.stdout);
      return 0;
    } finally {
      line.clear();
      await opened.close();
    }
  });
}
