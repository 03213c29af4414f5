// Sigstore's services on loopback (authority, log, timestamps), the trusted root that explains them, and bundles signed with them.

import { createHash, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { bundleFromJSON, bundleToJSON } from "@sigstore/bundle";
import {
  fulcioHandler,
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from "@sigstore/mock";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { DSSEBundleBuilder, FulcioSigner, RekorWitness, TSAWitness } from "@sigstore/sign";

type Context = { readonly after: (work: () => void) => void };

export const issuer = "http://127.0.0.1/issuer";
export const email = "me@acme.test";

export type SigstoreServices = {
  /** JSON of the trusted root. */
  readonly root: string;
  /** A bundle around the statement, as JSON. @param who `email` when absent */
  sign(statement: object, who?: string): Promise<string>;
  /** The bundle with a timestamp over its signature, which is no part of what is signed. */
  stamp(bundle: string): Promise<string>;
};

export async function startSigstore(t: Context): Promise<SigstoreServices> {
  const keys = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  t.after(() => server.close());
  const ctlog = await initializeCTLog(keys);
  const [authority, log, stamps] = [
    await initializeCA(keys, ctlog),
    await initializeTLog(url, keys),
    // Whole seconds: DER drops the noughts behind a fraction, and the library refuses fractions without all three digits.
    await initializeTSA(keys, new Date(Math.ceil(Date.now() / 1000 + 2) * 1000)),
  ];
  const handlers = [
    fulcioHandler(authority, { strict: true, subjectClaim: "email" }),
    rekorHandler(log, { strict: true }),
    tsaHandler(stamps, { strict: true }),
  ];
  server.on("request", async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const handler = handlers.find(({ path }) => path === request.url?.split("?")[0]);
    const answer = await handler?.fn(Buffer.concat(chunks).toString());
    response.writeHead(answer?.statusCode ?? 404, answer?.contentType ? { "Content-Type": answer.contentType } : {});
    response.end(answer?.response);
  });
  const certificates = (chain: readonly ArrayBufferView[]) =>
    chain.map((one) => ({ rawBytes: Buffer.from(one.buffer).toString("base64") }));
  const validFor = { start: "2020-01-01T00:00:00Z" };
  const authorityOf = (chain: readonly ArrayBufferView[]): object => ({
    ...{ subject: { commonName: "sigstore", organization: "sigstore.mock" }, uri: url, validFor },
    certChain: { certificates: certificates(chain) },
  });
  const logOf = (key: Buffer): object => ({
    ...{ baseUrl: url, hashAlgorithm: "SHA2_256" },
    logId: { keyId: createHash("sha256").update(key).digest("base64") },
    publicKey: { rawBytes: key.toString("base64"), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor },
  });
  const root = TrustedRoot.fromJSON({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    certificateAuthorities: [authorityOf([authority.rootCertificate])],
    ctlogs: [logOf(ctlog.publicKey)],
    tlogs: [logOf(log.publicKey)],
    timestampAuthorities: [authorityOf([stamps.intCertificate, stamps.rootCertificate])],
  });
  return {
    root: JSON.stringify(TrustedRoot.toJSON(root)),
    async stamp(text) {
      const bundle = bundleFromJSON(JSON.parse(text));
      const { rfc3161Timestamps = [] } = await new TSAWitness({ tsaBaseURL: url }).testify(bundle.content);
      const signedTimestamps = rfc3161Timestamps.map(({ signedTimestamp }) => ({
        signedTimestamp: Buffer.from(signedTimestamp).toString("base64"),
      }));
      const value = JSON.parse(text);
      value.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: signedTimestamps };
      return JSON.stringify(value);
    },
    async sign(statement, who = email) {
      const getToken = (): Promise<string> => Promise.resolve(token(who));
      const builder = new DSSEBundleBuilder({
        signer: new FulcioSigner({ fulcioBaseURL: url, identityProvider: { getToken } }),
        witnesses: [new RekorWitness({ rekorBaseURL: url, entryType: "intoto" }), new TSAWitness({ tsaBaseURL: url })],
      });
      const data = Buffer.from(JSON.stringify(statement));
      return JSON.stringify(bundleToJSON(await builder.create({ type: "application/vnd.in-toto+json", data })));
    },
  };
}

function token(who: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 600;
  const claims = { iss: issuer, sub: "me", email: who, email_verified: true, aud: "sigstore", exp };
  return `${part({ alg: "none" })}.${part(claims)}.x`;
}
