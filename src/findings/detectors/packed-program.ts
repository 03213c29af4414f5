// Programs whose code is hidden until they run: no section table, and bytes as random as compressed ones.

import { createHash } from "node:crypto";
import type { ContentSink } from "../../model/layer.ts";
import type { Detector } from "../detector.ts";
import { readElfShape } from "../malware/elf-shape.ts";
import { toMalware } from "../malware/to-malware.ts";

/** Bits a byte. Code has 5 to 6.5, compressed data more than 7.8. */
const packedEntropy = 7.2;
const smallestProgram = 4096;

export const packedProgram: Detector = {
  name: "packed-program",
  summary: "ELF programs that are packed or encrypted",
  needs: {},
  open: () =>
    Promise.resolve({
      fingerprint: "packed-program 1",
      visit(entry, head, found) {
        if (entry.kind !== "file" || entry.size < smallestProgram) return undefined;
        const shape = readElfShape(head);
        if (shape === undefined || (shape.hasSections && !shape.isWritableCode)) return undefined;
        return measure((entropy, sha256) => {
          if (entropy < packedEntropy) return;
          const title = `a program without readable code: ${entropy.toFixed(1)} bits a byte${shape.isWritableCode ? ", and memory that is written and then run" : ""}`;
          found(
            toMalware({
              id: "packed-program",
              title,
              severity: "medium",
              detector: "structure",
              path: entry.path,
              sha256,
            }),
          );
        });
      },
      close: () => Promise.resolve(),
    }),
};

function measure(done: (entropy: number, sha256: string) => void): ContentSink {
  const counts = new Float64Array(256);
  const hash = createHash("sha256");
  let total = 0;
  return {
    write(chunk) {
      hash.update(chunk);
      for (const byte of chunk) counts[byte] = (counts[byte] ?? 0) + 1;
      total += chunk.length;
    },
    end() {
      let bits = 0;
      for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
      done(bits, hash.digest("hex"));
    },
  };
}
