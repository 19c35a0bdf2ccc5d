/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The few fields of kernel structures that are read. CO-RE finds them at load time in the running kernel's
 * BTF, so only names matter here, not offsets, and a field that moved needs no change.
 */
#ifndef TINYTAP_KERNEL_H
#define TINYTAP_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262
#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_TRUNC 0x20
#define MSG_ERRQUEUE 0x2000
#define MSG_SPLICE_PAGES 0x8000000
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define FMODE_READ 1
#define PAGE_SIZE 4096

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct thread_info {
	u32 status;
};

struct atomic_counter {
	int counter;
};

struct signal_struct {
	struct atomic_counter live;
};

struct user_id {
	u32 val;
};

struct mm_struct;
struct user_namespace;

/* Before 6.3 of two words of 32 bits, on a little-endian machine the same. */
struct capabilities {
	u64 val;
};

struct cred {
	struct user_id uid;
	struct capabilities cap_permitted;
	struct user_namespace *user_ns;
};

struct task_struct {
	struct thread_info thread_info;
	int pid;
	int tgid;
	char comm[16];
	const struct cred *cred;
	struct mm_struct *mm;
	struct files_struct *files;
	struct signal_struct *signal;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
	unsigned long *close_on_exec;
	unsigned long *open_fds;
};

struct super_block {
	unsigned long s_magic;
};

struct dentry {
	struct inode *d_inode;
};

struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	struct address_space *i_mapping;
	struct super_block *i_sb;
	struct pipe_inode_info *i_pipe;
};

struct file {
	unsigned int f_mode;
	struct inode *f_inode;
	void *private_data;
	struct address_space *f_mapping;
	s64 f_pos;
};

struct xarray {
	void *xa_head;
};

struct xa_node {
	unsigned char shift;
	void *slots[64];
};

struct address_space {
	struct xarray i_pages;
};

struct pipe_inode_info {
	unsigned int head;
	unsigned int tail;
	unsigned int ring_size;
	struct pipe_buffer *bufs;
};

struct pipe_buffer {
	struct page *page;
	unsigned int offset;
	unsigned int len;
	const void *ops;
};

struct socket {
	struct file *file;
	struct sock *sk;
};

struct in6_bytes {
	u8 bytes[16];
};

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

struct user_namespace {
	struct ns_common ns;
	struct user_id owner;
};

struct net_reference {
	struct net *net;
};

struct sock_common {
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport;
	u16 skc_num;
	u16 skc_family;
	u8 skc_state;
	unsigned long skc_flags;
	struct net_reference skc_net;
	struct in6_bytes skc_v6_daddr;
	struct in6_bytes skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_type;
	u16 sk_protocol;
	int sk_err;
	struct socket *sk_socket;
};

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
};

struct ipv6_pinfo {
	s32 mcast_oif;
};

struct inet_sock {
	struct ipv6_pinfo *pinet6;
	s32 mc_index;
};

struct inet_connection_sock {
	const void *icsk_ulp_ops;
};

struct tcp_sock {
	u64 bytes_received;
	u32 rcv_nxt;
	u32 copied_seq;
	u32 write_seq;
	u64 bytes_acked;
	u32 snd_una;
};

struct bio_vec {
	struct page *bv_page;
	unsigned int bv_len;
	unsigned int bv_offset;
};

struct iov_iter {
	u8 iter_type;
	unsigned long iov_offset;
	const struct bio_vec *bvec;
	unsigned long count;
};

struct msghdr {
	struct iov_iter msg_iter;
	unsigned int msg_flags;
};

struct page {
	unsigned long flags;
};

#pragma clang attribute pop

enum iter_type {
	ITER_BVEC = 2, /* its value changed between versions: always asked for through BTF */
};

#endif
