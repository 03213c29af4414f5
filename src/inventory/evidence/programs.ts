// Programs and libraries that often come into an image without a package: built from source, or copied from another image.
// Each row: how its files are called, and where the version stands in them. A row counts only when both agree.
// Looked at: the files of Debian bookworm's packages of the same names, and of the upstream images that docs/inventory.md names.

import { type FindVersion, first, near, pythonVersion, redisVersion } from "./find-version.ts";

export type Program = {
  /** As vulnerability lists call the product. */
  readonly product: string;
  /** Matches the whole base name. */
  readonly files: RegExp;
  readonly find: FindVersion;
};

const three = "(\\d{1,3}\\.\\d{1,3}\\.\\d{1,4})";

/** `text` with the version right behind it. */
function after(text: string, version: string = three): FindVersion {
  return near(text, new RegExp(`^${text.replace(/[()[\]@#*+?.]/g, "\\$&")}${version}`));
}

export const programs: readonly Program[] = [
  { product: "bash", files: /^bash$/, find: after("@(#)Bash version ") },
  { product: "bind", files: /^named$/, find: after("libisc-") },
  { product: "busybox", files: /^busybox(?:\.\w+)?$/, find: after("BusyBox v") },
  { product: "curl", files: /^libcurl(?:-gnutls)?\.so(?:\.[\d.]+)?$/, find: after("libcurl/") },
  { product: "git", files: /^git$/, find: after("git/") },
  {
    product: "glibc",
    files: /^libc(?:-[\d.]+\.so|\.so\.6)$/,
    find: near("GNU C Library ", /stable release version (\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)/),
  },
  {
    product: "haproxy",
    files: /^haproxy$/,
    find: near(", released ", /version (\d{1,2}\.\d{1,2}(?:\.\d{1,3}|-dev\d{1,3}))/, 80),
  },
  { product: "httpd", files: /^(?:httpd|apache2)$/, find: after("Apache/") },
  { product: "lighttpd", files: /^lighttpd$/, find: after("lighttpd/") },
  { product: "mariadb", files: /^(?:mariadbd|mysqld)$/, find: near("-MariaDB", new RegExp(`${three}-MariaDB`), 12) },
  { product: "memcached", files: /^memcached$/, find: near("memcached ", new RegExp(`^memcached ${three}\\0`)) },
  {
    product: "musl",
    files: /^(?:ld-musl-\w+\.so\.1|libc\.musl-\w+\.so\.1)$/,
    find: near("\0" + "1.", /^\0(1\.[12]\.\d{1,2})\0/),
  },
  { product: "mysql", files: /^mysqld$/, find: near("/mysql-", new RegExp(`^/mysql-${three}[/-]`)) },
  { product: "nginx", files: /^nginx(?:-debug)?$/, find: after("nginx version: nginx/") },
  { product: "node", files: /^(?:node(?:js)?|libnode\.so\.\d+)$/, find: after("node.js/v") },
  {
    product: "openresty",
    files: /^(?:nginx|openresty)$/,
    find: after("nginx version: openresty/", "(\\d{1,2}(?:\\.\\d{1,3}){3})"),
  },
  {
    product: "openssl",
    files: /^(?:openssl|libcrypto\.so[\d.]*)$/,
    find: after("OpenSSL ", "(\\d\\.\\d\\.\\d{1,2}[a-z]{0,2})[ -]"),
  },
  {
    product: "perl",
    files: /^(?:perl(?:5[\d.]+)?|libperl\.so[\d.]*)$/,
    find: first(...["/perl/", "/perl5/", "/perl5/site_perl/"].map((text) => after(text))),
  },
  { product: "php", files: /^(?:php(?:-fpm|-cgi)?[\d.]*|libphp[\d.]*\.so)$/, find: after("X-Powered-By: PHP/") },
  { product: "postgresql", files: /^postgres$/, find: after("(PostgreSQL) ", "(\\d{1,2}\\.\\d{1,3}(?:\\.\\d{1,3})?)") },
  { product: "python", files: /^(?:lib)?python\d\.\d{1,2}[a-z]{0,2}(?:\.so[\d.]*)?$/, find: pythonVersion },
  { product: "redis", files: /^redis-(?:server|check-rdb|check-aof|sentinel)$/, find: redisVersion },
  {
    product: "ruby",
    files: /^(?:ruby[\d.]*|libruby[-.\d]*\.so[\d.]*)$/,
    find: near("ruby ", new RegExp(`^ruby ${three}(?:p\\d+)? \\(`)),
  },
  { product: "unbound", files: /^unbound$/, find: after("unbound ") },
  { product: "varnish", files: /^varnishd$/, find: after("varnish-") },
];
