// Texts that look like secrets and are none, as images are full of them.

import { createHash, generateKeyPairSync } from "node:crypto";
import { alphanumeric, base64, digits, hexadecimal, lower, type Random, upper, urlSafe } from "./random.ts";

export type Decoy = { readonly name: string; readonly path: string; readonly text: string };

type Maker = (random: Random) => { readonly path: string; readonly text: string };

const hex = (random: Random, length: number): string => random.text(hexadecimal, length);
const word = (random: Random): string => random.text(lower, 3 + random.number(7));

const makers: Readonly<Record<string, Maker>> = {
  "GitHub tokens with a wrong checksum": (random) => ({
    path: "app/config.json",
    text: `{"token": "ghp_${random.text(alphanumeric, 36)}"}`,
  }),
  "npm tokens with a wrong checksum": (random) => ({
    path: "app/x.ini",
    text: `a=npm_${random.text(alphanumeric, 36)}`,
  }),
  "Grafana tokens with a wrong checksum": (random) => ({
    path: "app/x.ini",
    text: `token=glsa_${random.text(alphanumeric, 32)}_${hex(random, 8)}`,
  }),
  "GitLab routable tokens with a wrong checksum": (random) => ({
    path: "app/x.ini",
    text: `token=glpat-${random.text(urlSafe, 36)}.01.10${random.text(`${lower}${digits}`, 7)}`,
  }),
  "age keys with a wrong checksum": (random) => ({
    path: "app/key.txt",
    text: `AGE-SECRET-KEY-1${random.text("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)}`,
  }),
  "AWS key ids of no account": (random) => ({
    path: "app/x.ini",
    text: `id=AKIA7777${random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 12)}`,
  }),
  "tokens of manuals": (random) => ({
    path: "app/README.md",
    text: random.pick([
      "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
      "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      "Authorization: token ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "export SLACK_TOKEN=xoxb-your-token-here",
      "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
      "stripe.api_key = 'sk_test_4eC39HqLyjWDarjtT1zdp7dc'",
      "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;",
      "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    ]),
  }),
  "hashes of files": (random) => ({
    path: "var/lib/dpkg/info/x.md5sums",
    text: `${hex(random, 32)}  usr/bin/${word(random)}`,
  }),
  "integrity hashes of lock files": (random) => ({
    path: "app/package-lock.json",
    text: `"integrity": "sha512-${createHash("sha512").update(word(random)).digest("base64")}"`,
  }),
  identifiers: (random) => ({
    path: "app/ids.txt",
    text: [8, 4, 4, 4, 12].map((length) => hex(random, length)).join("-"),
  }),
  "commit ids": (random) => ({ path: "app/CHANGELOG.md", text: `* ${word(random)} (${hex(random, 40)})` }),
  "minified programs": (random) => ({
    path: "app/static/app.min.js",
    text: Array.from(
      { length: 120 },
      () =>
        `function ${random.text(lower, 1)}(${random.text(lower, 1)}){return ${random.text(alphanumeric, 9)}.${word(random)}_${random.text(urlSafe, 12)}}`,
    ).join(";"),
  }),
  "pictures in style sheets": (random) => ({
    path: "app/static/app.css",
    text: `background:url(data:image/png;base64,${random.text(base64, 3000)})`,
  }),
  translations: (random) => ({
    path: `usr/share/locale/${random.text(lower, 2)}/app.po`,
    text: `msgid "Password: "\nmsgstr "${word(random)}: "\nmsgid "secret_key = %s"\nmsgstr "${word(random)} = %s"`,
  }),
  "placeholders in settings": (random) => ({
    path: "app/.env",
    text: random.pick([
      "DB_PASSWORD=changeme",
      `DB_PASSWORD=\${DB_PASSWORD}`,
      "API_KEY=<your key>",
      "SECRET_KEY=your-secret-key",
      "DB_PASSWORD=",
      "DB_PASSWORD_FILE=/run/secrets/db_password",
      "password = os.environ['PASSWORD']",
      "API_TOKEN=$(cat /run/secrets/token)",
      "DB_PASSWORD=password",
      "SECRET=%(secret)s",
    ]),
  }),
  "passwords in example addresses": (random) => ({
    path: "app/docs/install.md",
    text: random.pick([
      "postgres://user:password@localhost/db",
      `redis://:\${REDIS_PASSWORD}@redis:6379`,
      "mongodb://<user>:<password>@host/db",
      "amqp://guest:%s@localhost",
    ]),
  }),
  "public keys and certificates": () => ({
    path: "etc/ssl/x.pem",
    text: generateKeyPairSync("ec", { namedCurve: "P-256" })
      .publicKey.export({ type: "spki", format: "pem" })
      .toString(),
  }),
  "words of private keys without a key": (random) => ({
    path: "app/pem.py",
    text: random.pick([
      'if "-----BEGIN RSA PRIVATE KEY-----" in text and "-----END RSA PRIVATE KEY-----" in text: pass',
      "-----BEGIN PRIVATE KEY-----\nMIIE...\n-----END PRIVATE KEY-----",
      `-----BEGIN PRIVATE KEY-----\n${random.text(base64, 64)}\n${random.text(base64, 64)}\n-----END PRIVATE KEY-----`,
    ]),
  }),
  "unsigned and broken web tokens": (random) => ({
    path: "app/x.js",
    text: random.pick([
      `eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.${random.text(urlSafe, 43)}`,
      `eyJhbGciOiJIUzI1NiJ9.eyJ${random.text(urlSafe, 40)}.${random.text(urlSafe, 43)}`,
    ]),
  }),
  "names that begin like tokens": (random) => ({
    path: "app/x.c",
    text: random.pick([
      `hf_${word(random)}_${word(random)}(ctx, npm_config_${word(random)});`,
      `#define AKIA_${random.text(upper, 12)} 1`,
      `static int r8_${word(random)} = SG.${word(random)}.${word(random)};`,
      `dapi${word(random)} sk_live_mode glpat-form`,
      `npm_config_user_agent npm_lifecycle_event npm_package_json`,
    ]),
  }),
  "names that end like settings": (random) => ({
    path: "app/client.py",
    text: random.pick([
      `call(backend_auth=args.backend_auth_service_account, use_auth = self.${word(random)}_authentication_enabled)`,
      `http_auth=requests.auth.HTTPBasicAuth, proxy_auth = configuration.${word(random)}`,
    ]),
  }),
  "locked accounts": () => ({
    path: "etc/shadow",
    text: "daemon:*:19000:0:99999:7:::\nroot:!:19000::::::\nx:!*:1::::::",
  }),
  "long random texts": (random) => ({ path: "usr/share/data.txt", text: random.text(base64, 4000) }),
};

export const decoyNames: readonly string[] = Object.keys(makers);

export function makeDecoys(random: Random, count: number): readonly Decoy[] {
  return Object.entries(makers).flatMap(([name, make]) =>
    Array.from({ length: count }, () => ({ name, ...make(random) })),
  );
}
