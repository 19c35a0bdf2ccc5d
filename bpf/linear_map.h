/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * From a `struct page` to an address in the kernel's linear map. A wrong translation would show foreign
 * kernel memory: no source that uses it is trusted before its self-test, which compares every byte.
 */
#ifndef TINYTAP_LINEAR_MAP_H
#define TINYTAP_LINEAR_MAP_H

#include "maps.h"

#if defined(__TARGET_ARCH_x86)

/* Where the kernel lists data symbols, the loader gives the addresses of these two: they hold what KASLR
 * chose. */
const volatile u64 page_offset_base = 0;
const volatile u64 vmemmap_base = 0;

/* Documentation/arch/x86/x86_64/mm.rst; true where the regions are not randomized. */
#define PAGE_OFFSET_4_LEVEL 0xffff888000000000ULL
#define VMEMMAP_4_LEVEL 0xffffea0000000000ULL
#define PAGE_OFFSET_5_LEVEL 0xff11000000000000ULL
#define VMEMMAP_5_LEVEL 0xffd4000000000000ULL
#define LOWEST_4_LEVEL 0xffff800000000000ULL

static __always_inline u64 page_address(u64 page)
{
	u64 page_offset, vmemmap;

	if (page_offset_base && vmemmap_base) {
		bpf_probe_read_kernel(&page_offset, sizeof(page_offset), (void *)page_offset_base);
		bpf_probe_read_kernel(&vmemmap, sizeof(vmemmap), (void *)vmemmap_base);
	} else if (page < LOWEST_4_LEVEL) {
		page_offset = PAGE_OFFSET_5_LEVEL;
		vmemmap = VMEMMAP_5_LEVEL;
	} else {
		page_offset = PAGE_OFFSET_4_LEVEL;
		vmemmap = VMEMMAP_4_LEVEL;
	}
	return page_offset + (page - vmemmap) / bpf_core_type_size(struct page) * PAGE_SIZE;
}

#else
#error "this architecture's linear map is not described yet"
#endif

#endif
