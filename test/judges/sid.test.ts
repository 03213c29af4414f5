// Signatures before the newest verifiers (cosign 3.1, skopeo 1.22, notation 1.3 of Debian's sid), and theirs before us.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { tagRecordType } from "../../src/trust/tag-record.ts";
import { makeAuthority } from "../trust/authority.ts";
import { judgeCurves } from "./curves.ts";
import { checkSigned, judgeOurs, withJudges } from "./judge-suite.ts";
import { openJudges } from "./programs.ts";
import { judgeSaved } from "./saved-layouts.ts";
import { newPair, pairOf, pemOf, signerOf } from "./scene.ts";
import {
  cosignAttestationTool,
  cosignTool,
  notationTool,
  signWithCosign,
  signWithNotation,
  signWithSkopeo,
  skopeoTool,
} from "./tools.ts";

const suite = "judges-sid";

for (const format of ["cosign", "sigstore-bundle"] as const) {
  test(`cosign 3.1 accepts our ${format} signatures, and none that is altered, by another key or absent`, async (t) => {
    await withJudges(t, await openJudges(t, suite), (judges, scene) =>
      judgeOurs(scene, cosignTool(judges, "3", format), format),
    );
  });
}

test("cosign 3.1 accepts our attestations, and none that is altered, by another key or absent", async (t) => {
  const predicate = { buildDefinition: { buildType: "https://build.test/v1" }, runDetails: { builder: { id: "x" } } };
  await withJudges(t, await openJudges(t, suite), (judges, scene) =>
    judgeOurs(scene, cosignAttestationTool(judges), "sigstore-bundle", {
      predicateType: "https://slsa.dev/provenance/v1",
      predicate,
    }),
  );
});

test("cosign 3.1 does not take a record of a tag for a signature, an attestation it does", async (t) => {
  await withJudges(t, await openJudges(t, suite), async (judges, scene) => {
    const pair = newPair();
    const tool = cosignTool(judges, "3", "sigstore-bundle");
    const says = async (name: string, predicateType: string): Promise<boolean> => {
      const image = await scene.image(name);
      await scene.sign(image, "sigstore-bundle", signerOf(pair), { predicateType, predicate: {} });
      return (await tool.verify(image, { pair })).code === 0;
    };
    assert.deepEqual(
      [
        await says("signed", ""),
        await says("recorded", tagRecordType),
        await says("attested", "https://slsa.dev/provenance/v1"),
      ],
      [true, false, true],
    );
  });
});

test("skopeo 1.22 accepts our classic signatures, and none that is altered, by another key or absent", async (t) => {
  await withJudges(t, await openJudges(t, suite), (judges, scene) =>
    judgeOurs(scene, skopeoTool(judges, scene.host), "cosign"),
  );
});

for (const format of ["notation", "notation-cose"] as const) {
  test(`notation 1.3 accepts our ${format} signatures, and none that is altered or absent`, async (t) => {
    const authority = makeAuthority(t, "/C=DE/ST=Berlin/O=acme/CN=root");
    const issued = authority.issue({ subject: "/C=DE/ST=Berlin/O=acme/CN=release" });
    const pair = pairOf(issued.key, new X509Certificate(issued.certificate).publicKey);
    const leaf = { believed: { pair, root: authority.root }, certificates: [issued.certificate, authority.root] };
    await withJudges(t, await openJudges(t, suite), (judges, scene) =>
      judgeOurs(scene, notationTool(judges, format), format, {}, leaf),
    );
  });
}

test("what cosign 3.1 and skopeo 1.22 sign holds before us, for its key alone", async (t) => {
  await withJudges(t, await openJudges(t, suite), async (judges, scene) => {
    const pair = newPair();
    const byCosign = await scene.image("by-cosign");
    const bySkopeo = await scene.image("by-skopeo");
    checkSigned(await signWithCosign(judges, "3", byCosign, pair));
    checkSigned(await signWithSkopeo(judges, scene.host, bySkopeo, pair));
    const theirs = { theirs: { key: pemOf(pair) } };
    assert.deepEqual(
      [
        // Bundles name no repository: only a rule that does not ask for one takes them.
        await scene.verdict(byCosign, theirs, "any"),
        await scene.verdict(byCosign, theirs),
        await scene.verdict(byCosign, { other: { key: pemOf(newPair()) } }, "any"),
        await scene.verdict(bySkopeo, theirs),
      ],
      ["trusted", "untrusted", "untrusted", "trusted"],
    );
    scene.row("cosign 3", "theirs: sigstore-bundle", "we accept it, for its key alone, where binds: any");
    scene.row("skopeo 1.22", "theirs: cosign", "we accept it, for its key alone");
  });
});

test("what notation 1.3 signs, as JWS and as COSE, holds before us, for its root and subject alone", async (t) => {
  const authority = makeAuthority(t, "/C=DE/ST=Berlin/O=acme/CN=root");
  const leaf = authority.issue({ subject: "/C=DE/ST=Berlin/O=acme/CN=release" });
  await withJudges(t, await openJudges(t, suite), async (judges, scene) => {
    for (const format of ["jws", "cose"] as const) {
      const image = await scene.image(`by-notation-${format}`);
      checkSigned(await signWithNotation(judges, format, image, leaf, authority.root));
      const subject = "C=DE, ST=Berlin, O=acme, CN=release";
      const verdictFor = (x509: object): Promise<string> => scene.verdict(image, { theirs: { x509 } }, "any");
      assert.deepEqual(
        [
          await verdictFor({ root: authority.root, subject }),
          await verdictFor({ root: authority.root, subject: "C=DE, ST=Berlin, O=acme, CN=releas" }),
          await verdictFor({ root: makeAuthority(t).root, subject }),
        ],
        ["trusted", "untrusted", "untrusted"],
        format,
      );
      scene.row("notation 1.3", `theirs: ${format}`, "we accept it, for its root and subject alone, where binds: any");
    }
  });
});

test("what cosign 3.1 saves is judged by the signatures in it, in a folder and in an archive", async (t) => {
  await withJudges(t, await openJudges(t, suite), (judges, scene) => judgeSaved(judges, scene, "3"));
});

test("keys on P-384 and P-521: cosign 3.1 accepts ours, and we accept its", async (t) => {
  await withJudges(t, await openJudges(t, suite), (judges, scene) => judgeCurves(judges, scene, "3"));
});
