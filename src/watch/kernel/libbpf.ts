// libbpf as the distribution ships it, and the few calls of the C library that go with it.
// Source: libbpf 1.x, src/libbpf.h and src/bpf.h; mmap(2), mount(2).

import { openSharedLibrary } from "../../base/native/shared-library.ts";

type Call = (...values: readonly unknown[]) => unknown;

export type Libbpf = {
  readonly [name in keyof typeof declarations]: Call;
} & {
  readonly [name in keyof typeof systemCalls]: Call;
} & {
  readonly errno: () => number;
  readonly view: (pointer: unknown, bytes: number) => ArrayBuffer;
  readonly whenReadable: (fd: number, then: () => void) => { close(): void };
};

const declarations = {
  setPrint: "void *libbpf_set_print(void *)",
  openMemory: "void *bpf_object__open_mem(const void *, size_t, const void *)",
  load: "int bpf_object__load(void *)",
  closeObject: "void bpf_object__close(void *)",
  nextProgram: "void *bpf_object__next_program(void *, void *)",
  nextMap: "void *bpf_object__next_map(void *, void *)",
  programName: "const char *bpf_program__name(void *)",
  programSection: "const char *bpf_program__section_name(void *)",
  setAutoload: "int bpf_program__set_autoload(void *, bool)",
  setLogBuffer: "int bpf_program__set_log_buf(void *, void *, size_t)",
  attach: "void *bpf_program__attach(void *)",
  attachCgroup: "void *bpf_program__attach_cgroup(void *, int)",
  pinLink: "int bpf_link__pin(void *, const char *)",
  destroyLink: "int bpf_link__destroy(void *)",
  disconnectLink: "void bpf_link__disconnect(void *)",
  mapName: "const char *bpf_map__name(void *)",
  mapFd: "int bpf_map__fd(void *)",
  setPinPath: "int bpf_map__set_pin_path(void *, const char *)",

  setMaxEntries: "int bpf_map__set_max_entries(void *, uint32_t)",
  setInitialValue: "int bpf_map__set_initial_value(void *, const void *, size_t)",
  updateElement: "int bpf_map_update_elem(int, const void *, const void *, uint64_t)",
  lookupElement: "int bpf_map_lookup_elem(int, const void *, void *)",
  deleteElement: "int bpf_map_delete_elem(int, const void *)",
  openPinned: "int bpf_obj_get(const char *)",
  nextKey: "int bpf_map_get_next_key(int, const void *, void *)",
  loadVmlinuxTypes: "void *btf__load_vmlinux_btf()",
  findType: "int btf__find_by_name_kind(void *, const char *, uint32_t)",
  freeTypes: "void btf__free(void *)",
  loadProgram: "int bpf_prog_load(int, const char *, const char *, const void *, size_t, const void *)",
  openTracepoint: "int bpf_raw_tracepoint_open(const char *, int)",
  possibleProcessors: "int libbpf_num_possible_cpus()",
} as const;

const systemCalls = {
  mmap: "void *mmap(void *, size_t, int, int, int, int64_t)",
  munmap: "int munmap(void *, size_t)",
  open: "int open(const char *, int)",
  close: "int close(int)",
  processGroup: "int getpgid(int)",
  mount: "int mount(const char *, const char *, const char *, unsigned long, const void *)",
} as const;

/** @throws PlimsollError NEED_MISSING when the library is not there */
export function openLibbpf(file: string = "libbpf.so.1"): Libbpf {
  const libbpf = openSharedLibrary(file, "install libbpf 1 (Debian: apt-get install libbpf1)");
  const libc = openSharedLibrary(null, "install the optional dependencies of koffi for this platform");
  const calls = {
    ...declareAll(declarations, libbpf.declare),
    ...declareAll(systemCalls, libc.declare),
    errno: libbpf.errno,
    view: libbpf.view,
    whenReadable: libbpf.whenReadable,
  };
  // It would write to stderr; what it has to say is asked for program by program.
  calls.setPrint(null);
  return calls;
}

function declareAll<Name extends string>(
  all: Readonly<Record<Name, string>>,
  declare: (declaration: string) => Call,
): Record<Name, Call>;
function declareAll(
  all: Readonly<Record<string, string>>,
  declare: (declaration: string) => Call,
): Record<string, Call> {
  return Object.fromEntries(Object.entries(all).map(([name, declaration]) => [name, declare(declaration)]));
}
