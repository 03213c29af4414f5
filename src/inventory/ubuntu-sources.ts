// Sources of Ubuntu's packages, for manifests that do not name them: of what Chisel cuts into images most.
// Looked at: the Source fields of the packages of the same names in Debian bookworm, from which Ubuntu takes them.

/** By the binary package's name without version of its interface and without `t64`: `libssl3t64` is `libssl`. */
const sources: ReadonlyMap<string, string> = new Map(
  [
    "libacl acl, libattr attr, libaudit audit, libbrotli brotli, libbz bzip2, libcurl curl, libsasl cyrus-sasl2, libcom-err e2fsprogs",
    "libexpat expat, libfontconfig fontconfig, libfreetype freetype, libglib glib2.0, libc glibc, libc-bin glibc, libgmp gmp, libgnutls gnutls28",
    "libicu icu, libkeyutils keyutils, libgssapi-krb krb5, libk5crypto krb5, libkrb krb5, libkrb5support krb5, libffi libffi, libidn libidn2",
    "libpng libpng1.6, libpsl libpsl, libselinux libselinux, libssh libssh, libtirpc libtirpc, libunistring libunistring, libcrypt libxcrypt",
    "libxml libxml2, libxslt libxslt, libzstd libzstd, liblz lz4, libncursesw ncurses, libtinfo ncurses, libhogweed nettle, libnettle nettle",
    "libnghttp nghttp2, libldap openldap, libssl openssl, libp11-kit p11-kit, libpam pam, libpcre2 pcre2, perl-base perl, libreadline readline",
    "librtmp rtmpdump, libsqlite sqlite3, libsystemd systemd, libudev systemd, liblttng-ust ust, libblkid util-linux, libmount util-linux",
    "libuuid util-linux, liblzma xz-utils, libcap libcap2, libtasn libtasn1-6",
  ]
    .flatMap((row) => row.split(", "))
    .map((pair): [string, string] => [pair.slice(0, pair.indexOf(" ")), pair.slice(pair.indexOf(" ") + 1)]),
);

const named: ReadonlySet<string> = new Set(
  "base-files base-passwd bash busybox ca-certificates coreutils dash gzip mawk netbase openssl sed tar tzdata wget".split(
    " ",
  ),
);

/** Whole names that the rule for beginnings would take for others. */
const exceptions: ReadonlyMap<string, string> = new Map([
  ["zlib1g", "zlib"],
  ["libidn12", "libidn"],
  ["liblz1", "lzlib"],
  ["libnghttp3-3", "nghttp3"],
  ["libnghttp3-9", "nghttp3"],
  ["libssh2-1", "libssh2"],
  ["libssh2-1t64", "libssh2"],
  ["libudev0", "libudev0-shim"],
]);

/** @returns undefined when it is not known; the package's own name would be a guess */
export function sourceOfUbuntuPackage(name: string, version: string): string | undefined {
  if (named.has(name)) return name;
  const exception = exceptions.get(name);
  if (exception !== undefined) return exception;
  const stem = name.replace(/t64$/, "").replace(/-?[\d.]+(?:-\d+)?$/, "");
  // The compiler's libraries come from the newest compiler, whatever program is built with.
  if (stem === "libgcc-s" || stem === "libstdc++") return `gcc-${version.replace(/^\d+:/, "").replace(/\D.*$/, "")}`;
  const runtime =
    /^(?:lib)?(python3\.\d{1,2})(?:-minimal|-stdlib)?$/.exec(name)?.[1] ??
    /^(openjdk-\d{1,2})-jre(?:-headless)?$/.exec(name)?.[1];
  return runtime ?? sources.get(stem);
}
