/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/* From a descriptor of the current process to its file. */
#ifndef TINYTAP_FILES_H
#define TINYTAP_FILES_H

#include "maps.h"

static __always_inline struct file *file_of(u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = 0;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return file;
}

struct file_count {
	s64 counter;
};

/* To 6.12 a count of references; from 6.13 ("fs: add file_ref") a file_ref_t, which counts from 0. */
struct file___counted {
	struct file_count f_count;
} __attribute__((preserve_access_index));

struct file_ref {
	struct file_count refcnt;
};
struct file___ref {
	struct file_ref f_ref;
} __attribute__((preserve_access_index));

/* True from 6.13 on. */
static __always_inline bool has_file_ref(void)
{
	struct file___ref *file = 0;

	return bpf_core_field_exists(file->f_ref);
}

/* Descriptors and calls that hold the file; 0 or less: it is about to go. */
static __always_inline s64 references_to(struct file *file)
{
	struct file___ref *ref = (void *)file;
	struct file___counted *counted = (void *)file;

	if (has_file_ref())
		return BPF_CORE_READ(ref, f_ref.refcnt.counter) + 1;
	return BPF_CORE_READ(counted, f_count.counter);
}

#endif
