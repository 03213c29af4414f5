// What a person sees first: the verdict, the counts, and the acts that end most of the danger.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dockerfileLine } from "../../src/report/describe.ts";
import { adviseFirst } from "../../src/report/do-first.ts";
import { table } from "../../src/report/formats/table.ts";
import { hidingSecrets } from "../../src/report/hide-secrets.ts";
import { compareNaturally } from "../../src/report/natural-order.ts";
import { hostile, sample } from "./sample.ts";
import { sampleSecret, sampleVulnerability } from "./sample-findings.ts";

const plain = { hasColour: false, width: 100, showLayers: false };

test("the first screen says verdict, rule, counts, what to do first and how old the data is", () => {
  const lines = [...table.render(sample, plain)].join("").split("\n");
  assert.deepEqual(lines.slice(0, 28), [
    "shop/web:2.4  sha256:bbbbbbbbbbbb…  Debian GNU/Linux 12 (bookworm)  linux/amd64",
    "DENIED  the image holds malware  restricted/no-malware policies/restricted.cedar:61",
    "        rebuild the image without the files that are named",
    "claims to be docker.io/shop/web:2.4, which every archive can",
    "",
    "  critical       5  ████████████████████████████████  3 with a fix",
    "  high           3  ███████████████████  3 with a fix",
    "  medium         2  █████████████  1 with a fix",
    "  low            3  ███████████████████",
    "  negligible     1  ██████",
    "",
    "Do first",
    "  1. rebuild the image without app/eicar.com",
    "     1 file of malware: EICAR test file in app/eicar.com",
    "  2. revoke the key, and build the image without it",
    "     1 secret: AWS access key in app/.env",
    "  3. upgrade org.apache.logging.log4j:log4j-core from 2.14.1 to 2.15.0",
    "     ends 1 critical; known exploited: CVE-2021-44228",
    "  4. upgrade libwebp7 from 1.2.4-0.2 to 1.2.4-0.2+deb12u1",
    "     ends 1 critical; known exploited: CVE-2023-4863",
    "  5. upgrade lodash from 4.17.4 to 4.17.20",
    "     ends 1 critical, 1 high",
    "",
    "9 packages, 3 layers, 9 vulnerabilities, malware in 1 file, 1 secret, 3 misconfigurations, 2 suppressed, 1 problem",
    "advisory data is 3 hours old, 190,000 advisories of 2 feeds; scanned in 3.2 s",
    "",
    "Not read, or not judged",
    "  ! app/broken.jar: no central directory was found",
  ]);
});

test("a name that looks like another is told before anything else, whatever the image is", () => {
  const image = { ...sample.image, source: "registry", names: ["d0cker.io/library/app:1"] };
  const lines = [...table.render({ ...sample, image }, plain)].join("").split("\n");
  assert.deepEqual(lines.slice(3, 5), ["! d0cker.io is not docker.io, though it looks like it", ""]);
});

test("no line of the table is longer than the terminal, and layers are shown on demand", () => {
  for (const width of [80, 120, 200]) {
    const text = [...table.render(sample, { ...plain, width, showLayers: true })].join("");
    const rows = text.split("\n").filter((line) => /^(SEVERITY|critical|high|low|medium)/.test(line));
    assert.ok(rows.length > 10);
    assert.deepEqual(
      rows.filter((line) => [...line].length > width),
      [],
    );
  }
  const wide = [...table.render(sample, { ...plain, width: 250, showLayers: true })].join("");
  assert.match(wide, /CVE-2023-4863.*1: RUN apt-get update && apt-get install -y nodejs/);
});

test("colours are for terminals only, and hostile names cannot make any", () => {
  const introducer = "\u001b";
  assert.ok(![...table.render(hostile, plain)].join("").includes(introducer));
  const coloured = [...table.render(hostile, { ...plain, hasColour: true })].join("");
  const ours = new RegExp(`${introducer}\\[\\d+m`, "g");
  assert.ok(coloured.includes(introducer));
  assert.ok(!coloured.replaceAll(ours, "").includes(introducer));
});

test("one upgrade that ends several packages' weaknesses is one act, and the highest fix is named", () => {
  const fix = { fixState: "fixed", fixedVersion: "3.0.11-1~deb12u2" } as const;
  const acts = adviseFirst([
    sampleVulnerability({ id: "CVE-1", ...fix }),
    sampleVulnerability({ id: "CVE-2", ...fix, fixedVersion: "3.0.9-2" }),
    sampleVulnerability({ id: "CVE-1", package: "libssl3", ...fix }),
    sampleVulnerability({ id: "CVE-2", package: "libssl3", ...fix, fixedVersion: "3.0.9-2" }),
    sampleVulnerability({ id: "CVE-3", package: "bash" }),
  ]);
  assert.deepEqual(acts, [
    { act: "upgrade libssl3, openssl from 3.0.9-1 to 3.0.11-1~deb12u2", because: "ends 2 high", severity: "high" },
  ]);
});

test("a weakness that is exploited today stands before many that are not", () => {
  const many = Array.from({ length: 15 }, (_, at) =>
    sampleVulnerability({ id: `CVE-${at}`, severity: "critical", fixState: "fixed", fixedVersion: "9" }),
  );
  const exploited = sampleVulnerability({
    ...{ id: "CVE-99", package: "curl", severity: "medium", fixState: "fixed", fixedVersion: "8.0" },
    exploitation: { epss: 0.9, isKnownExploited: true },
  });
  assert.match(adviseFirst([...many, exploited])[0]?.act ?? "", /^upgrade curl /);
});

test("versions in advice stand in their natural order", () => {
  const sorted = ["1.10", "2:0.1", "1.9", "1.9~rc1", "1.9-1+deb12u10", "1.9-1+deb12u2"].sort(compareNaturally);
  assert.deepEqual(sorted, ["1.9~rc1", "1.9", "1.9-1+deb12u2", "1.9-1+deb12u10", "1.10", "2:0.1"]);
});

test("a layer's line reads as it stood in the Dockerfile", () => {
  assert.deepEqual(
    [
      '/bin/sh -c #(nop)  CMD ["node"]',
      "/bin/sh -c apt-get   update",
      "RUN /bin/sh -c make # buildkit",
      "RUN |1 VERSION=2 /bin/sh -c curl -o x # buildkit",
      "COPY a b # buildkit",
    ].map(dockerfileLine),
    ['CMD ["node"]', "RUN apt-get update", "RUN make", "RUN curl -o x", "COPY a b"],
  );
});

test("a secret that was found in the history is masked where the history is shown", () => {
  const history = { ...sampleSecret, place: "history", path: "" };
  const line = "RUN curl -H token=AKIAIOSFODNN7EXAMPLE example.test";
  const result = {
    ...sample,
    findings: [history],
    image: {
      ...sample.image,
      config: {
        ...sample.image.config,
        history: [{ createdBy: line, created: "", comment: "", isEmptyLayer: false }],
      },
    },
  };
  assert.equal(hidingSecrets(result)(line), "RUN curl -H token=AKIA************MPLE example.test");
  const glued = { ...result, findings: [{ ...history, fingerprint: "0".repeat(64) }] };
  assert.equal(hidingSecrets(glued)(line), "RUN (hidden: the history holds a secret)");
});
