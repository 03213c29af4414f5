// How each foreign program is asked to verify and to sign, in one suite.

import { sealCosignKey } from "../../src/trust/cosign-key.ts";
import type { Judges, Outcome } from "./programs.ts";
import { type Pair, pemOf } from "./scene.ts";

/** Whom the tool shall believe. */
export type Believed = { readonly pair: Pair; readonly root?: string };

export type Tool = {
  readonly name: string;
  readonly formats: readonly string[];
  verify(image: string, believed: Believed): Promise<Outcome>;
};

export const passphrase = "judged by others";
const emptyRoot = {
  mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
  ...{ tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] },
};
const noServices = {
  mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
  ...{ caUrls: [], oidcUrls: [], rekorTlogUrls: [], tsaUrls: [], rekorTlogConfig: {}, tsaConfig: {} },
};

export function cosignTool(judges: Judges, version: "2" | "3", format: "cosign" | "sigstore-bundle"): Tool {
  const offline = version === "3" ? ["--trusted-root", judges.write("root.json", JSON.stringify(emptyRoot))] : [];
  const shape = version === "3" && format === "cosign" ? ["--new-bundle-format=false"] : [];
  return {
    name: `cosign ${version}`,
    formats: [format],
    async verify(image, { pair }) {
      const key = judges.write("verify.pub", pemOf(pair));
      const words = ["--key", key, "--insecure-ignore-tlog", "--allow-http-registry", ...offline, ...shape];
      return await judges.run(["cosign", "verify", ...words, image]);
    },
  };
}

export function cosignAttestationTool(judges: Judges): Tool {
  const root = judges.write("root.json", JSON.stringify(emptyRoot));
  return {
    name: "cosign 3 verify-attestation",
    formats: ["sigstore-bundle"],
    async verify(image, { pair }) {
      const key = judges.write("verify.pub", pemOf(pair));
      const words = ["--key", key, "--insecure-ignore-tlog", "--allow-http-registry", "--trusted-root", root];
      return await judges.run(["cosign", "verify-attestation", ...words, "--type", "slsaprovenance1", image]);
    },
  };
}

export function skopeoTool(judges: Judges, host: string): Tool {
  judges.write("registries/here.yaml", `docker:\n  ${host}:\n    use-sigstore-attachments: true\n`);
  return {
    name: "skopeo",
    formats: ["cosign"],
    async verify(image, { pair }) {
      const keyPath = judges.write("verify.pub", pemOf(pair));
      const wanted = [{ type: "sigstoreSigned", keyPath, signedIdentity: { type: "matchRepository" } }];
      const transports = { docker: { [`${host}/team/app`]: wanted } };
      const policy = judges.write("policy.json", JSON.stringify({ default: [{ type: "reject" }], transports }));
      const out = `dir:${judges.inside}/out-${Date.now()}`;
      const words = [
        "--policy",
        policy,
        "--registries.d",
        `${judges.inside}/registries`,
        "copy",
        "--src-tls-verify=false",
      ];
      return await judges.run(["skopeo", ...words, `docker://${image}`, out]);
    },
  };
}

export function notationTool(judges: Judges, format: "notation" | "notation-cose"): Tool {
  return {
    name: "notation",
    formats: [format],
    async verify(image, { root = "" }) {
      const stores = { level: "strict", override: { revocation: "skip" } };
      const policy = { name: "all", registryScopes: ["*"], signatureVerification: stores };
      const trust = { trustStores: ["ca:test"], trustedIdentities: ["*"] };
      const file = { version: "1.0", trustPolicies: [{ ...policy, ...trust }] };
      judges.write("config/notation/trustpolicy.json", JSON.stringify(file));
      judges.write("config/notation/truststore/x509/ca/test/root.crt", root);
      return await judges.run(["notation", "verify", "--insecure-registry", image], notationFolder(judges));
    },
  };
}

export const notationFolder = (judges: Judges): Readonly<Record<string, string>> => ({
  XDG_CONFIG_HOME: `${judges.inside}/config`,
});

export async function signWithCosign(judges: Judges, version: "2" | "3", image: string, pair: Pair): Promise<Outcome> {
  const key = judges.write("sign.key", sealCosignKey(pair.privateKey, passphrase));
  const offline =
    version === "2"
      ? ["--tlog-upload=false"]
      : [
          ...["--signing-config", judges.write("services.json", JSON.stringify(noServices))],
          ...["--trusted-root", judges.write("root.json", JSON.stringify(emptyRoot))],
        ];
  const words = ["cosign", "sign", "--yes", "--key", key, "--allow-http-registry", ...offline, image];
  return await judges.run(words, { COSIGN_PASSWORD: passphrase });
}

export async function signWithSkopeo(judges: Judges, host: string, image: string, pair: Pair): Promise<Outcome> {
  judges.write("registries/here.yaml", `docker:\n  ${host}:\n    use-sigstore-attachments: true\n`);
  const key = judges.write("skopeo.key", sealCosignKey(pair.privateKey, passphrase));
  const words = ["--insecure-policy", "--registries.d", `${judges.inside}/registries`, "copy"];
  const tls = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  const secret = ["--sign-by-sigstore-private-key", key, "--sign-passphrase-file", judges.write("secret", passphrase)];
  return await judges.run(["skopeo", ...words, ...tls, ...secret, `docker://${image}`, `docker://${image}`]);
}

export async function signWithNotation(
  judges: Judges,
  format: "jws" | "cose",
  image: string,
  leaf: { readonly certificate: string; readonly key: string },
  root: string,
): Promise<Outcome> {
  const keyPath = judges.write("config/notation/leaf.key", leaf.key);
  const certPath = judges.write("config/notation/leaf.crt", `${leaf.certificate}${root}`);
  const keys = { default: "leaf", keys: [{ name: "leaf", keyPath, certPath }] };
  judges.write("config/notation/signingkeys.json", JSON.stringify(keys));
  const words = ["notation", "sign", "--insecure-registry", "--signature-format", format, "--key", "leaf", image];
  return await judges.run(words, notationFolder(judges));
}
