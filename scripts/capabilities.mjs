/** What Docker gives a container's root by default. */
export const dockerCapabilities = [
  ...["chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap"],
  ...["net_bind_service", "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap"],
];

/**
 * To be put before a command: it runs as root with these capabilities and no other.
 * @param {string[]} names
 */
export function withCapabilities(names) {
  const set = ["-all", ...names.map((name) => `+${name}`)].join(",");
  return ["setpriv", `--bounding-set=${set}`, "--inh-caps=-all"];
}
