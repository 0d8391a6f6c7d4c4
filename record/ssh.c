// SPDX-License-Identifier: GPL-2.0-only
#include "record/ssh.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_ANCESTORS 32

bool ssh_parse(const char *value, struct pwru_tuple *ret)
{
	struct pwru_tuple t = {.proto = IPPROTO_TCP, .has_ports = 1};
	unsigned int client_port, server_port;
	char client[64], server[64];

	if (sscanf(value, "%63s %u %63s %u", client, &client_port, server, &server_port) != 4 ||
	    client_port > 65535 || server_port > 65535)
		return false;
	/* A link-local address comes with its interface: fe80::1%eth0. */
	client[strcspn(client, "%")] = server[strcspn(server, "%")] = 0;
	if (inet_pton(AF_INET, client, t.src) == 1 && inet_pton(AF_INET, server, t.dst) == 1)
		t.family = 4;
	else if (inet_pton(AF_INET6, client, t.src) == 1 && inet_pton(AF_INET6, server, t.dst) == 1)
		t.family = 6;
	else
		return false;
	t.sport = (__u16)client_port;
	t.dport = (__u16)server_port;
	*ret = t;
	return true;
}

/* SSH_CONNECTION in the environment of a process. */
static bool from_environ(pid_t pid, struct pwru_tuple *ret)
{
	static const char key[] = "SSH_CONNECTION=";
	char path[64], entry[512];
	bool found = false;
	size_t n = 0;
	FILE *f;
	int c;

	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && (c = fgetc(f)) != EOF) {
		if (n < sizeof(entry) - 1)
			entry[n++] = (char)c;
		if (c)
			continue;
		entry[n] = 0;
		found = !strncmp(entry, key, sizeof(key) - 1) &&
			ssh_parse(entry + sizeof(key) - 1, ret);
		n = 0;
	}
	fclose(f);
	return found;
}

static pid_t parent_of(pid_t pid)
{
	char path[64], line[1024], *after;
	int parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	/* The name in parentheses may hold anything, also parentheses. */
	if (fgets(line, sizeof(line), f) && (after = strrchr(line, ')')) &&
	    sscanf(after + 1, " %*c %d", &parent) != 1)
		parent = 0;
	fclose(f);
	return parent;
}

bool ssh_connection(struct pwru_tuple *ret)
{
	const char *own = getenv("SSH_CONNECTION");
	pid_t pid = getppid();

	if (own)
		return ssh_parse(own, ret);
	for (int i = 0; i < MOST_ANCESTORS && pid > 1; i++, pid = parent_of(pid))
		if (from_environ(pid, ret))
			return true;
	return false;
}
