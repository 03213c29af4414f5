// Keys, signed tokens and passwords that belong to no single service.

import { hasBech32Checksum } from "../checks/check-sums.ts";
import { isEncryptedKey, isPrivateKey } from "../checks/private-key.ts";
import { decodesTo, isSignedJwt } from "../checks/structures.ts";
import { type SecretRule, special, token } from "../secret-rule.ts";

/** Files made to hold settings: here, and only here, `password = ...` is taken at its word. */
const settingsFiles =
  /(?:^|\/)(?:\.env(?:\.(?!example|sample|template|dist)[\w-]+)?|[\w.-]+\.env|\.my\.cnf|wp-config\.php|settings\.py|local_settings\.py|(?:application|bootstrap)(?:-[\w-]+)?\.(?:ya?ml|properties)|[\w.-]+\.tfvars|database\.ya?ml|secrets?\.(?:ya?ml|json|toml)|credentials(?:\.json)?)$/;

/** Names of settings whose values are secrets. */
const nameOfSecret =
  "[A-Za-z0-9_.-]{0,60}?(?:password|passwd|passphrase|secret|secret[_.-]?key|api[_.-]?key|access[_.-]?key|auth[_.-]?token|access[_.-]?token|private[_.-]?key)";

export const keyRules: readonly SecretRule[] = [
  special({
    id: "private-key",
    title: "Private key",
    severity: "critical",
    literals: ["", "RSA ", "EC ", "DSA ", "ENCRYPTED ", "OPENSSH ", "PGP "].map(
      (kind) => `-----BEGIN ${kind}PRIVATE KEY`,
    ),
    pattern:
      /(?<secret>-----BEGIN (?:(?:RSA|EC|DSA|ENCRYPTED|OPENSSH) )?(?:PGP )?PRIVATE KEY(?: BLOCK)?-----[\s\S]{40,14000}?-----END [A-Z ]{10,30}-----)/y,
    reach: 15_000,
    check: isPrivateKey,
    rate: (secret) => (isEncryptedKey(secret) ? "medium" : "critical"),
  }),
  special({
    id: "putty-private-key",
    title: "PuTTY private key",
    severity: "critical",
    literals: ["PuTTY-User-Key-File-"],
    pattern: /PuTTY-User-Key-File-[23]:[\s\S]{40,4000}?Private-Lines: \d+\r?\n(?<secret>[A-Za-z0-9+/=\r\n]{64,8000})/y,
    reach: 12_000,
  }),
  token({
    id: "age-secret-key",
    title: "age secret key",
    severity: "critical",
    prefixes: ["AGE-SECRET-KEY-1"],
    body: "[02-9AC-HJ-NP-Z]{58}",
    check: hasBech32Checksum,
  }),
  special({
    id: "wireguard-private-key",
    title: "WireGuard private key",
    literals: ["PrivateKey", "PresharedKey"],
    pattern: /(?:PrivateKey|PresharedKey)\s{0,3}=\s{0,3}(?<secret>[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)(?![\w=])/y,
    check: decodesTo(32),
    minEntropy: 4,
  }),
  special({
    id: "kubernetes-client-key",
    title: "Client key in a kubeconfig",
    severity: "critical",
    literals: ["client-key-data"],
    pattern: /client-key-data["']?\s{0,3}:\s{0,3}["']?(?<secret>LS0tLS1CRUdJTi[A-Za-z0-9+/]{100,12000}={0,2})/y,
    reach: 13_000,
    check: (secret) => isPrivateKey(Buffer.from(secret, "base64").toString("latin1")),
  }),
  special({
    id: "json-web-token",
    title: "Signed JSON web token",
    severity: "medium",
    literals: ["eyJhbGci", "eyJ0eXAi", "eyJraWQi", "eyJqa3Ui", "eyJ4NXQi", "eyJjdHki"],
    pattern: /(?<secret>eyJ[\w-]{10,2000}\.eyJ[\w-]{10,6000}\.[\w-]{20,1400})(?![\w-])/y,
    reach: 10_000,
    check: isSignedJwt,
    isCertain: true,
  }),
  special({
    id: "password-in-url",
    title: "Password in a connection address",
    literals: [
      "postgres://",
      "postgresql://",
      "mysql://",
      "mariadb://",
      "mongodb://",
      "mongodb+srv://",
      "redis://",
      "rediss://",
      "amqp://",
      "amqps://",
      "ldap://",
      "ldaps://",
      "mssql://",
      "sqlserver://",
      "clickhouse://",
      "ftp://",
      "smtp://",
      "smtps://",
    ],
    pattern:
      /[a-z+]{3,12}:\/\/[^\s:@/"'`<>{}$()\\]{0,64}:(?<secret>[^\s:@/"'`<>{}$()\\]{3,128})@[A-Za-z0-9_.[\]-]{1,253}/y,
    isPassword: true,
  }),
  special({
    id: "password-in-settings",
    title: "Password in a settings file",
    literals: ["passw", "secret", "api_key", "apikey", "api-key", "access_key", "_token", "private_key", "passphrase"],
    isCaseless: true,
    pattern: new RegExp(
      `(?<![A-Za-z0-9])${nameOfSecret}["']?\\s{0,8}(?:=>|[:=])\\s{0,8}(?<quote>["']?)(?<secret>[^\\s"'#;,]{6,200})\\k<quote>(?=[\\s;,)}]|$)`,
      "gi",
    ),
    lookBack: 80,
    isPassword: true,
    paths: settingsFiles,
  }),
  special({
    id: "wordpress-database-password",
    title: "Database password of WordPress",
    literals: ["DB_PASSWORD"],
    pattern: /DB_PASSWORD["']\s{0,4},\s{0,4}["'](?<secret>[^"'\n]{4,128})["']/y,
    isPassword: true,
  }),
  special({
    id: "netrc-password",
    title: "Password in .netrc",
    literals: ["password", "machine"],
    pattern: /machine\s+\S{1,253}\s+login\s+\S{1,255}\s+password\s+(?<secret>\S{3,255})/y,
    isPassword: true,
    paths: /(?:^|\/)[._]netrc$/,
  }),
  special({
    id: "pgpass-password",
    title: "Password in .pgpass",
    literals: [":5432:", ":*:"],
    pattern: /(?:^|\n)[^\s:#]{1,253}:(?:\d+|\*):[^\s:]{1,63}:[^\s:]{1,63}:(?<secret>[^\s]{3,255})/g,
    lookBack: 255,
    isPassword: true,
    paths: /(?:^|\/)\.pgpass$/,
  }),
  special({
    id: "git-credentials",
    title: "Login stored by git",
    literals: ["https://", "http://"],
    pattern: /https?:\/\/[^\s:@/]{1,128}:(?<secret>[^\s:@/]{3,255})@[A-Za-z0-9.-]{1,253}/y,
    isPassword: true,
    paths:
      /(?:^|\/)(?:\.git-credentials|\.git\/config|\.gitconfig|pip\.conf|\.pypirc|\.npmrc|\.yarnrc(?:\.yml)?|\.curlrc|\.wgetrc|auth\.conf|sources\.list)$|(?:^|\/)auth\.conf\.d\/|(?:^|\/)sources\.list\.d\//,
  }),
  special({
    id: "password-hash",
    title: "Password hash of an account",
    severity: "medium",
    literals: [":$1$", ":$5$", ":$6$", ":$y$", ":$2a$", ":$2b$", ":$2y$", ":$apr1$", ":$7$", ":$gy$"],
    pattern: /(?<=^|\n)[^:\s]{1,64}:(?<secret>\$(?:1|5|6|y|gy|7|2[aby]|apr1)\$[./A-Za-z0-9$=,]{20,200})/g,
    lookBack: 70,
    paths: /(?:^|\/)(?:shadow-?|gshadow-?|passwd-?|\.htpasswd|htpasswd)$/,
  }),
];
