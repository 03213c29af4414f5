// Makes one fresh secret of each kind, with valid checksums and structure. Nothing here is a secret of anybody.

import { createHmac, generateKeyPairSync } from "node:crypto";
import { crc32 } from "node:zlib";
import { base62Checksum, bech32Checksum, littleEndianCrc } from "../../../src/findings/secrets/checks/check-sums.ts";
import { alphanumeric, base64, digits, hexadecimal, letters, lower, type Random, upper, urlSafe } from "./random.ts";

/** How the secret stands in a file: a value that any carrier may hold, or a text of its own (with a path where it matters). */
export type MadeSecret = { readonly secret: string; readonly text?: string; readonly path?: string };

type Maker = (random: Random) => MadeSecret;

const hex = (random: Random, length: number): string => random.text(hexadecimal, length);
const uuid = (random: Random): string => [8, 4, 4, 4, 12].map((length) => hex(random, length)).join("-");

/** `prefix` and a body of one alphabet. */
const simple =
  (prefix: string, alphabet: string, length: number): Maker =>
  (random) => ({ secret: `${prefix}${random.text(alphabet, length)}` });

/** A token that is known only by the word before it. */
const named =
  (name: string, alphabet: string, length: number, prefix: string = ""): Maker =>
  (random) => {
    const secret = `${prefix}${random.text(alphabet, length)}`;
    return {
      secret,
      text: random.pick([`${name}=${secret}\n`, `${name}: "${secret}"\n`, `"${name}": "${secret}",\n`]),
    };
  };

const inText =
  (prefix: string, suffix: string, make: (random: Random) => string, path?: string): Maker =>
  (random) => {
    const secret = make(random);
    return { secret, text: `${prefix}${secret}${suffix}`, ...(path === undefined ? {} : { path }) };
  };

function checkedToken(prefix: string): Maker {
  return (random) => {
    const body = random.text(alphanumeric, 30);
    return { secret: `${prefix}${body}${base62Checksum(body)}` };
  };
}

function routable(prefix: string): Maker {
  return (random) => {
    const payload = random.text(urlSafe, 30 + random.number(40));
    const head = `${prefix}${payload}.01.${payload.length.toString(36).padStart(2, "0")}`;
    return { secret: `${head}${crc32(head).toString(36).padStart(7, "0")}` };
  };
}

function awsKeyId(prefix: string): Maker {
  return (random) => {
    // 80 bits: the account in the 40 bits after the first one, the rest free.
    const account = BigInt(100_000_000_000 + random.number(800_000_000_000));
    const free = BigInt(`0x${hex(random, 10)}`) & ((1n << 39n) - 1n);
    const bits = (1n << 79n) | (account << 39n) | free;
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const body = Array.from({ length: 16 }, (_, at) => alphabet[Number((bits >> BigInt(5 * (15 - at))) & 31n)]).join(
      "",
    );
    return { secret: `${prefix}${body}` };
  };
}

function webToken(random: Random): MadeSecret {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ sub: hex(random, 12), iat: 1_700_000_000 + random.number(1e7) })}`;
  return { secret: `${head}.${createHmac("sha256", random.bytes(32)).update(head).digest("base64url")}` };
}

function privateKey(random: Random): MadeSecret {
  const type = random.pick(["pkcs8", "sec1"] as const);
  const { privateKey: key } = generateKeyPairSync("ec", { namedCurve: random.pick(["P-256", "P-384"]) });
  const pem = key.export({ type, format: "pem" }).toString();
  const text = random.pick([pem, `{"key": ${JSON.stringify(pem)}}\n`, `key: |\n${pem.replace(/^/gm, "  ")}\n`]);
  return { secret: "", text };
}

function ageKey(random: Random): MadeSecret {
  const values = Array.from({ length: 52 }, (_, at) => (at === 51 ? random.number(2) * 16 : random.number(32)));
  const body = values.map((value) => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"[value]).join("");
  return { secret: `AGE-SECRET-KEY-1${body}${bech32Checksum("AGE-SECRET-KEY-", values)}` };
}

function pypiToken(random: Random): MadeSecret {
  const location = Buffer.from("pypi.org");
  const packet = Buffer.concat([Buffer.of(2, 1, location.length), location, Buffer.of(2, 36), random.bytes(110)]);
  return { secret: `pypi-${packet.toString("base64url")}` };
}

const basicAuth = (random: Random): string =>
  Buffer.from(`${random.text(lower, 7)}:${random.text(alphanumeric, 18)}`).toString("base64");

/** By rule. */
export const secretFormats: Readonly<Record<string, Maker>> = {
  "aws-access-key-id": awsKeyId("AKIA"),
  "aws-secret-access-key": named("aws_secret_access_key", base64, 40),
  "aws-bedrock-key": simple("ABSKQmVkcm9ja0FQSUtleS", alphanumeric, 110),
  "aws-marketplace-token": (random) => ({ secret: `amzn.mws.${uuid(random)}` }),
  "google-api-key": simple("AIza", urlSafe, 35),
  "google-oauth-secret": simple("GOCSPX-", alphanumeric, 28),
  "google-access-token": simple("ya29.", urlSafe, 140),
  "google-service-account": inText('{"type":"service_account","private_key_id": "', '"}\n', (random) =>
    hex(random, 40),
  ),
  "azure-storage-key": inText("AccountName=acme;AccountKey=", ";EndpointSuffix=core\n", (random) =>
    random.bytes(64).toString("base64"),
  ),
  "azure-shared-access-key": inText("Endpoint=sb://acme/;SharedAccessKey=", "\n", (random) =>
    random.bytes(32).toString("base64"),
  ),
  "azure-client-secret": (random) => ({ secret: `${random.text(alphanumeric, 3)}8Q~${random.text(alphanumeric, 34)}` }),
  "azure-devops-token": (random) => ({ secret: `${random.text(alphanumeric, 76)}AZDO${random.text(alphanumeric, 4)}` }),
  "azure-registry-password": (random) => ({
    secret: `${random.text(alphanumeric, 42)}+ACRC${random.text(alphanumeric, 5)}`,
  }),
  "digitalocean-token": simple("dop_v1_", hexadecimal, 64),
  "alibaba-access-key-id": simple("LTAI5t", alphanumeric, 18),
  "tencent-secret-id": simple("AKID", alphanumeric, 32),
  "fly-token": simple("FlyV1 fm2_", base64, 200),
  "netlify-token": simple("nfp_", alphanumeric, 36),
  "heroku-token": (random) => ({ secret: `HRKU-${uuid(random)}` }),
  "heroku-api-key": (random) => {
    const secret = uuid(random);
    return { secret, text: `HEROKU_API_KEY=${secret}\n` };
  },
  "cloudflare-token": named("CLOUDFLARE_API_TOKEN", alphanumeric, 40),
  "cloudflare-origin-key": (random) => ({ secret: `v1.0-${hex(random, 24)}-${hex(random, 146)}` }),
  "planetscale-credential": simple("pscale_pw_", alphanumeric, 43),
  "supabase-key": simple("sbp_", hexadecimal, 40),
  "tailscale-key": (random) => ({
    secret: `tskey-auth-${random.text(alphanumeric, 12)}CNTRL-${random.text(alphanumeric, 32)}`,
  }),
  "confluent-secret": (random) => {
    const body = random.text(base64, 54);
    return { secret: `cflt${body}${littleEndianCrc(body).toString("base64").slice(0, 6)}` };
  },
  "github-token": (random) => checkedToken(random.pick(["ghp_", "gho_", "ghs_", "ghr_"]))(random),
  "github-fine-grained-token": (random) => ({
    secret: `github_pat_${random.text(alphanumeric, 22)}_${random.text(alphanumeric, 59)}`,
  }),
  "gitlab-token": simple("glpat-", alphanumeric, 20),
  "gitlab-routable-token": routable("glpat-"),
  "gitlab-runner-registration": simple("GR1348941", alphanumeric, 20),
  "npm-token": checkedToken("npm_"),
  "npm-registry-auth": inText("//npm.acme.test/:_authToken=", "\n", (random) => random.text(alphanumeric, 40)),
  "pypi-token": pypiToken,
  "rubygems-token": simple("rubygems_", hexadecimal, 48),
  "nuget-key": simple("oy2", `${lower}234567`, 43),
  "docker-hub-token": simple("dckr_pat_", urlSafe.replace("-", ""), 27),
  "docker-registry-auth": inText(
    '{"auths":{"registry.acme.test":{"auth": "',
    '"}}}\n',
    basicAuth,
    "root/.docker/config.json",
  ),
  "artifactory-token": simple("AKCp", alphanumeric, 69),
  "circleci-token": (random) => ({ secret: `CCIPAT_${random.text(alphanumeric, 22)}_${hex(random, 40)}` }),
  "buildkite-token": simple("bkua_", hexadecimal, 40),
  "sonar-token": simple("squ_", hexadecimal, 40),
  "postman-key": (random) => ({ secret: `PMAK-${hex(random, 24)}-${hex(random, 34)}` }),
  "atlassian-token": (random) => ({
    secret: `ATATT3xFfGF0${random.text(urlSafe, 171)}=${random.text("0123456789ABCDEF", 8)}`,
  }),
  "linear-key": simple("lin_api_", alphanumeric, 40),
  "figma-token": simple("figd_", alphanumeric, 40),
  "notion-token": (random) => ({ secret: `ntn_${random.text(digits, 11)}${random.text(alphanumeric, 35)}` }),
  "slack-token": (random) => ({
    secret: `xoxb-${random.text(digits, 12)}-${random.text(digits, 13)}-${random.text(alphanumeric, 24)}`,
  }),
  "slack-app-token": (random) => ({
    secret: `xapp-1-A${random.text(`${upper}${digits}`, 10)}-${random.text(digits, 13)}-${hex(random, 64)}`,
  }),
  "slack-webhook": inText(
    "https://hooks.slack.com/",
    "\n",
    (random) => `services/T${random.text(upper, 10)}/B${random.text(upper, 10)}/${random.text(alphanumeric, 24)}`,
  ),
  "discord-bot-token": (random) => {
    const id = Buffer.from(`1${random.text(digits, 17)}`).toString("base64url");
    const secret = `${id}.${random.text(urlSafe, 6)}.${random.text(urlSafe, 38)}`;
    return { secret, text: `DISCORD_TOKEN=${secret}\n` };
  },
  "discord-webhook": inText(
    "https://discord.com/api/webhooks/",
    "\n",
    (random) => `1${random.text(digits, 17)}/${random.text(urlSafe, 68)}`,
  ),
  "telegram-bot-token": (random) => ({
    secret: `${1 + random.number(9)}${random.text(digits, 9)}:AA${random.text(urlSafe, 33)}`,
  }),
  "sendgrid-key": (random) => ({ secret: `SG.${random.text(urlSafe, 22)}.${random.text(urlSafe, 43)}` }),
  "twilio-api-key": named("TWILIO_AUTH_TOKEN", hexadecimal, 32),
  "mailgun-key": named("MAILGUN_API_KEY", hexadecimal, 32, "key-"),
  "mailchimp-key": (random) => ({ secret: `${hex(random, 32)}-us${1 + random.number(21)}` }),
  "brevo-key": (random) => ({ secret: `xkeysib-${hex(random, 64)}-${random.text(alphanumeric, 16)}` }),
  "stripe-live-key": simple("sk_live_", alphanumeric, 24),
  "stripe-test-key": simple("sk_test_", alphanumeric, 24),
  "stripe-webhook-secret": simple("whsec_", alphanumeric, 32),
  "square-token": simple("sq0atp-", alphanumeric, 22),
  "square-access-token": simple("EAAAE", alphanumeric, 59),
  "shopify-token": simple("shpat_", hexadecimal, 32),
  "shippo-token": simple("shippo_live_", hexadecimal, 40),
  "easypost-key": simple("EZAK", alphanumeric, 54),
  "openai-key": (random) => ({ secret: `sk-proj-${random.text(urlSafe, 74)}T3BlbkFJ${random.text(urlSafe, 73)}a` }),
  "anthropic-key": (random) => ({ secret: `sk-ant-api03-${random.text(urlSafe, 93)}AA` }),
  "hugging-face-token": simple("hf_", letters, 34),
  "replicate-token": simple("r8_", alphanumeric, 37),
  "groq-key": simple("gsk_", alphanumeric, 52),
  "perplexity-key": simple("pplx-", alphanumeric, 48),
  "xai-key": simple("xai-", alphanumeric, 80),
  "langsmith-key": (random) => ({ secret: `lsv2_pt_${hex(random, 32)}_${hex(random, 10)}` }),
  "vault-token": simple("hvs.", alphanumeric, 95),
  "terraform-token": (random) => ({
    secret: `${random.text(alphanumeric, 14)}.atlasv1.${random.text(alphanumeric, 67)}`,
  }),
  "pulumi-token": simple("pul-", hexadecimal, 40),
  "doppler-token": simple("dp.pt.", alphanumeric, 43),
  "doppler-service-token": simple("dp.st.prd.", alphanumeric, 43),
  "onepassword-service-account": (random) => ({
    secret: `ops_${Buffer.from(JSON.stringify({ signInAddress: "acme.test", secretKey: random.text(alphanumeric, 34), deviceUuid: uuid(random), muk: random.text(base64, 120) })).toString("base64url")}`,
  }),
  "grafana-service-account": (random) => {
    const head = `glsa_${random.text(alphanumeric, 32)}`;
    return { secret: `${head}_${littleEndianCrc(head).toString("hex")}` };
  },
  "grafana-cloud-token": (random) => ({
    secret: `glc_${Buffer.from(JSON.stringify({ o: random.text(digits, 6), n: "push", k: random.text(alphanumeric, 24), m: { r: "eu" } })).toString("base64")}`,
  }),
  "databricks-token": simple("dapi", hexadecimal, 32),
  "new-relic-key": simple("NRAK-", `${upper}${digits}`, 27),
  "sentry-org-token": (random) => ({
    secret: `sntrys_${Buffer.from(JSON.stringify({ iat: 1_700_000_000, url: "https://sentry.acme.test", org: random.text(lower, 9) })).toString("base64")}_${random.text(alphanumeric, 43)}`,
  }),
  "sentry-user-token": simple("sntryu_", hexadecimal, 64),
  "dynatrace-token": (random) => ({
    secret: `dt0c01.${random.text(`${upper}${digits}`, 24)}.${random.text(`${upper}${digits}`, 64)}`,
  }),
  "datadog-key": named("DD_API_KEY", hexadecimal, 32),
  "pagerduty-key": named("PAGERDUTY_TOKEN", alphanumeric, 20),
  "snyk-token": (random) => {
    const secret = uuid(random);
    return { secret, text: `SNYK_TOKEN=${secret}\n` };
  },
  "okta-token": named("OKTA_API_TOKEN", alphanumeric, 40, "00"),
  "algolia-admin-key": named("ALGOLIA_ADMIN_KEY", hexadecimal, 32),
  "airtable-token": (random) => {
    const secret = `pat${random.text(alphanumeric, 14)}.${hex(random, 64)}`;
    return { secret, text: `AIRTABLE_KEY=${secret}\n` };
  },
  "contentful-token": simple("CFPAT-", alphanumeric, 43),
  "prefect-key": simple("pnu_", alphanumeric, 36),
  "adafruit-key": simple("aio_", alphanumeric, 28),
  "readme-key": simple("rdme_", `${lower}${digits}`, 70),
  "typeform-token": simple("tfp_", alphanumeric, 44),
  "private-key": privateKey,
  "age-secret-key": ageKey,
  "wireguard-private-key": inText("[Interface]\nPrivateKey = ", "\nListenPort = 51820\n", (random) =>
    random.bytes(32).toString("base64"),
  ),
  "kubernetes-client-key": (random) => {
    const secret = Buffer.from(privateKeyPem()).toString("base64");
    return { secret, text: `users:\n- name: ${random.text(lower, 5)}\n  user:\n    client-key-data: ${secret}\n` };
  },
  "json-web-token": webToken,
  "password-in-url": inText("DATABASE_URL=postgres://app:", "@db.acme.test:5432/app\n", (random) =>
    random.text(alphanumeric, 14),
  ),
  "password-in-settings": inText(
    "DEBUG=1\nADMIN_PASSWORD=",
    "\nPORT=80\n",
    (random) => random.text(alphanumeric, 14),
    "app/.env",
  ),
  "wordpress-database-password": inText(
    "define( 'DB_PASSWORD', '",
    "' );\n",
    (random) => random.text(alphanumeric, 14),
    "var/www/html/wp-config.php",
  ),
  "netrc-password": inText(
    "machine api.acme.test login ci password ",
    "\n",
    (random) => random.text(alphanumeric, 16),
    "root/.netrc",
  ),
  "pgpass-password": inText(
    "db.acme.test:5432:app:app:",
    "\n",
    (random) => random.text(alphanumeric, 16),
    "root/.pgpass",
  ),
  "git-credentials": inText(
    "https://ci:",
    "@git.acme.test\n",
    (random) => random.text(alphanumeric, 20),
    "root/.git-credentials",
  ),
  "password-hash": inText(
    "root:",
    ":19000:0:99999:7:::\n",
    (random) => `$6$${random.text(alphanumeric, 16)}$${random.text(`./${alphanumeric}`, 86)}`,
    "etc/shadow",
  ),
};

function privateKeyPem(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "sec1", format: "pem" })
    .toString();
}
