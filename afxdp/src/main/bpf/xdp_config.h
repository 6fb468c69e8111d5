/*
 * What the XDP program is told. XdpConfig.java writes it in this layout.
 */
#ifndef JAVELIN_XDP_CONFIG_H
#define JAVELIN_XDP_CONFIG_H

#include <linux/if_ether.h>
#include <linux/types.h>

#include "key_hash.h"

#define MAX_ADDRESSES 16

/* Written by XdpProgram before the program is loaded; constant to the verifier afterwards. */
const volatile struct {
	__u32 hash_keys[KEY_HASH_KEYS];
	__u64 heartbeat_limit_ns;
	__u32 queue_count;
	__u32 bucket_mask;
	__u32 ipv4_count;
	__u32 ipv6_count;
	__u32 ipv4_addresses[MAX_ADDRESSES];
	__u32 ipv6_addresses[MAX_ADDRESSES][4];
	__u16 port; /* network byte order, as are the addresses */
	__u8 mac[ETH_ALEN];
} config;

#endif /* JAVELIN_XDP_CONFIG_H */
