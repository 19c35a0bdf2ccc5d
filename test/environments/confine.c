/* confine [--allow NAME]… COMMAND ARG…: becomes COMMAND under a seccomp filter like Docker's default one, which answers EPERM
   to the system calls named below. Those allowed are left out, as Docker does where a container has the capability. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned int number;
} refused[] = {
	{ "bpf", SYS_bpf },
	{ "perf_event_open", SYS_perf_event_open },
	{ "mount", SYS_mount },
	{ "umount2", SYS_umount2 },
	{ "unshare", SYS_unshare },
	{ "setns", SYS_setns },
	{ "pivot_root", SYS_pivot_root },
	{ "keyctl", SYS_keyctl },
	{ "init_module", SYS_init_module },
	{ "finit_module", SYS_finit_module },
};

enum { REFUSED = sizeof(refused) / sizeof(*refused) };

static int isAllowed(const char *name, char **arguments, int count)
{
	for (int i = 0; i + 1 < count; i += 2)
		if (strcmp(arguments[i + 1], name) == 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	struct sock_filter filter[2 * REFUSED + 8];
	unsigned short length = 0;
	int command = 1;

	while (command + 1 < argc && strcmp(argv[command], "--allow") == 0)
		command += 2;
	if (command >= argc) {
		fprintf(stderr, "usage: confine [--allow NAME]... COMMAND ARG...\n");
		return 2;
	}
	filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < REFUSED; i++) {
		if (isAllowed(refused[i].name, argv + 1, command - 1))
			continue;
		filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i].number, 0, 1);
		filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	/* No filter can look into clone3's arguments: so that libraries fall back to clone, whose flags are looked at. */
	filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
	filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
	filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]));
	filter[length++] = (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JSET | BPF_K,
		CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP, 0, 1);
	filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	struct sock_fprog program = { .len = length, .filter = filter };
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("confine: PR_SET_SECCOMP");
		return 1;
	}
	execvp(argv[command], argv + command);
	perror(argv[command]);
	return 127;
}
