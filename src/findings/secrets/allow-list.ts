// What looks like a secret and is none: tokens printed in manuals, words that stand for a secret, files made for tests.

import { createHash } from "node:crypto";

/** SHA-256 of tokens that manuals print, so that this file is no finding itself. */
const published: ReadonlySet<string> = new Set([
  "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059", // the storage emulator of Azure
  "aa6547439583c3a275d4542a0df6c1ad6a863971be9f2a2220f027cc02aef615", // Cosmos DB emulator
  "7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606", // jwt.io, HS256
  "da816f9f2c16e6c5390e7636cadc40c43551bf0bbcf8f36c65539e6633a9c5e8", // jwt.io, HS256, older
  "8d4ef6536dc8895f256c1e0d95dcd19763036732d64a095e44a90ed444267ad3", // RFC 7519
  "2cafc0970149a84f3b9e62eaf169f36f59907a3b3e31f7b82e68c69cd27f7326", // Stripe manual
  "f2d6ca16515033e5dce14eba840b979d27b5cbae24bb3e5bf484339667f86397", // Stripe manual
]);

const standIns =
  /example|placeholder|change[_-]?me|replace[_-]?(?:me|with)|your[_-]|insert[_-]|dummy|redacted|sample|x{6}|\*{4}|\.{4}|0{8}|1234567|abcdefg|deadbeef|<[^>]*>|\$\{|\{\{|%\(|%s|\[\[/i;

const passwordStandIns =
  /^(?:pass(?:word|wd|phrase)?\d*|passw0rd|secret|none|null|nil|true|false|undefined|empty|default|admin|root|user|test(?:ing)?\d*|foo(?:bar)?|bar|baz|xxx+|todo|unset|string|required|optional|hunter2|pwd|pw|my[_-]?(?:password|secret)|p(?:ass)?w(?:ord|d)|\*+|\.+|-+|_+)$|^[$%<{[(@&!]|[$]\(|^(?:process\.env|os\.environ|env\.|ENV\[|getenv|config\.|self\.|this\.)|\/run\/secrets\//i;

/** Rules that tests and manuals of software trip over: their keys are made to be read by everybody. */
const ofTests =
  /(?:^|\/)(?:tests?|testing|testdata|test-data|__tests__|spec|fixtures?|examples?|samples?|mocks?|demos?)\/|[._-](?:test|spec)\.[a-z]+$|(?:^|\/)test_[^/]*$/i;

/** Places where only software that somebody else publishes is installed. */
const ofPackages =
  /(?:^|\/)(?:node_modules|dist-packages|site-packages|vendor|gems|bundled_gems|pkg\/mod)\/|^usr\/(?:share|lib|libexec|include|src)\/|^usr\/local\/go\//;

const ofDocuments = /^usr\/(?:local\/)?share\/(?:doc|man|info|gtk-doc|help|perl\/[\d.]+\/pod|vim\/vim\d+\/doc)\//;

export function isPublished(secret: string): boolean {
  return published.has(createHash("sha256").update(secret, "latin1").digest("hex"));
}

export function isStandIn(secret: string, isPassword: boolean): boolean {
  return standIns.test(secret) || (isPassword && passwordStandIns.test(secret));
}

/** Test data, examples and manuals of installed packages. */
export function isExampleFile(path: string): boolean {
  return ofDocuments.test(path) || (ofPackages.test(path) && ofTests.test(path));
}
