// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two ends of what the lineage suites send. Linked statically, no part of the product.
 *
 *   lineage-net send udp DST PORT SIZE COUNT [sport=N] [loop=0|1] [pause=MICROSECONDS]
 *   lineage-net send tcp DST PORT SIZE…     one write for each SIZE, then waits for the other's end
 *   lineage-net sink udp PORT COUNT [group=ADDRESS dev=NAME]
 *   lineage-net sink tcp PORT
 *   lineage-net sink tap DEV COUNT          a packet socket that sees all, in and out
 *   lineage-net serve PORT                  UDP and TCP, takes what comes until it is killed
 *   lineage-net random SEED SECONDS PORT DST…     a mix of UDP and TCP to these
 *
 * A sink says "ready" on standard output and closes it; after 10 s it gives up with exit status 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LARGEST 65507

static char data[1 << 20];

static void die(const char *what)
{
	fprintf(stderr, "lineage-net: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in address(const char *text, int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
		die(text);
	return a;
}

static int new_socket(int domain, int type, int proto)
{
	int fd = socket(domain, type, proto);

	if (fd < 0)
		die("socket");
	return fd;
}

static void option(int fd, int level, int name, int value, const char *what)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		die(what);
}

/* The value of key=value among the arguments; NULL when it is not there. */
static const char *find(char **arg, const char *key)
{
	for (; *arg; arg++)
		if (!strncmp(*arg, key, strlen(key)) && (*arg)[strlen(key)] == '=')
			return *arg + strlen(key) + 1;
	return NULL;
}

static void bind_to(int fd, const char *text, int port)
{
	struct sockaddr_in a = address(text, port);

	option(fd, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die("bind");
}

static void ready(void)
{
	puts("ready");
	fclose(stdout);
	alarm(10);
}

/* ---- sending ---- */

static void send_udp(char **arg)
{
	struct sockaddr_in to = address(arg[0], atoi(arg[1]));
	int fd = new_socket(AF_INET, SOCK_DGRAM, 0), count = atoi(arg[3]);
	const char *sport = find(arg + 4, "sport"), *loop = find(arg + 4, "loop");
	const char *pause = find(arg + 4, "pause");

	option(fd, SOL_SOCKET, SO_BROADCAST, 1, "SO_BROADCAST");
	option(fd, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 28, "SO_SNDBUFFORCE"); /* never waits */
	if (sport)
		bind_to(fd, "0.0.0.0", atoi(sport));
	if (loop)
		option(fd, IPPROTO_IP, IP_MULTICAST_LOOP, atoi(loop), "IP_MULTICAST_LOOP");
	for (int i = 0; i < count; i++) {
		/* A filter that drops on the way out says so; an answer of ICMP comes back. */
		if (sendto(fd, data, (size_t)atoi(arg[2]), 0, (struct sockaddr *)&to, sizeof(to)) <
			    0 &&
		    errno != EPERM && errno != ECONNREFUSED && errno != ENOBUFS)
			die("sendto");
		if (pause)
			usleep((useconds_t)atoi(pause));
	}
}

static void send_tcp(char **arg)
{
	struct sockaddr_in to = address(arg[0], atoi(arg[1]));
	int fd = new_socket(AF_INET, SOCK_STREAM, 0);

	alarm(10);
	option(fd, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect");
	for (arg += 2; *arg; arg++) {
		usleep(100000); /* what went before has been acknowledged */
		if (write(fd, data, (size_t)atoi(*arg)) != atoi(*arg))
			die("write");
	}
	usleep(100000);
	shutdown(fd, SHUT_WR);
	while (read(fd, data, sizeof(data)) > 0)
		;
}

/* ---- taking ---- */

static void sink_udp(char **arg)
{
	const char *group = find(arg + 2, "group"), *dev = find(arg + 2, "dev");
	int fd = new_socket(AF_INET, SOCK_DGRAM, 0);

	bind_to(fd, "0.0.0.0", atoi(arg[0]));
	if (group && dev) {
		struct ip_mreqn m = {.imr_multiaddr = address(group, 0).sin_addr,
				     .imr_ifindex = (int)if_nametoindex(dev)};

		if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m)))
			die("IP_ADD_MEMBERSHIP");
	}
	ready();
	for (int left = atoi(arg[1]); left; left--)
		if (read(fd, data, sizeof(data)) < 0)
			die("read");
}

static void sink_tcp(char **arg)
{
	int fd = new_socket(AF_INET, SOCK_STREAM, 0), peer;

	bind_to(fd, "0.0.0.0", atoi(arg[0]));
	if (listen(fd, 8))
		die("listen");
	ready();
	peer = accept(fd, NULL, NULL);
	while (read(peer, data, sizeof(data)) > 0)
		;
	close(peer);
}

static void sink_tap(char **arg)
{
	struct sockaddr_ll a = {.sll_family = AF_PACKET,
				.sll_protocol = htons(ETH_P_ALL),
				.sll_ifindex = (int)if_nametoindex(arg[0])};
	int fd = new_socket(AF_PACKET, SOCK_RAW, 0);

	if (!a.sll_ifindex || bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die(arg[0]);
	ready();
	for (int left = atoi(arg[1]); left; left--)
		if (read(fd, data, sizeof(data)) < 0)
			die("read");
}

static void serve(char **arg)
{
	struct pollfd fds[64] = {{.events = POLLIN}, {.events = POLLIN}};
	nfds_t n = 2;

	fds[0].fd = new_socket(AF_INET, SOCK_DGRAM, 0);
	fds[1].fd = new_socket(AF_INET, SOCK_STREAM, 0);
	for (int i = 0; i < 2; i++)
		bind_to(fds[i].fd, "0.0.0.0", atoi(arg[0]));
	if (listen(fds[1].fd, 8))
		die("listen");
	ready();
	alarm(0);
	while (poll(fds, n, -1) > 0) {
		for (nfds_t i = n; i-- > 0;) {
			if (!fds[i].revents)
				continue;
			if (i == 1) {
				int fd = accept(fds[1].fd, NULL, NULL);

				if (fd >= 0 && n < 64)
					fds[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
				else if (fd >= 0)
					close(fd);
			} else if (read(fds[i].fd, data, sizeof(data)) <= 0 && i > 1) {
				close(fds[i].fd);
				fds[i] = fds[--n];
			}
		}
	}
}

/* ---- random ---- */

static uint64_t state;

static unsigned int pick(unsigned int below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)(state >> 33) % below;
}

static size_t random_size(void)
{
	static const unsigned int most[] = {64, 1472, 1472, 9000, LARGEST};

	return 1 + pick(most[pick(sizeof(most) / sizeof(most[0]))]);
}

static void one_connection(struct sockaddr_in *to)
{
	int fd = new_socket(AF_INET, SOCK_STREAM, 0);
	struct timeval limit = {.tv_usec = 400000};

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!connect(fd, (struct sockaddr *)to, sizeof(*to)))
		for (unsigned int writes = 1 + pick(4); writes; writes--)
			if (write(fd, data, random_size()) < 0)
				break;
	if (!pick(4)) {
		struct linger reset = {.l_onoff = 1};

		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	}
	close(fd);
}

static void random_traffic(int n, char **arg)
{
	time_t end = time(NULL) + atoi(arg[1]);
	int fd = new_socket(AF_INET, SOCK_DGRAM, 0), port = atoi(arg[2]);
	unsigned long sent = 0;

	state = strtoull(arg[0], NULL, 0);
	option(fd, SOL_SOCKET, SO_BROADCAST, 1, "SO_BROADCAST");
	while (time(NULL) < end) {
		/* One in eight to a port that nobody has. */
		struct sockaddr_in to =
			address(arg[3 + pick((unsigned int)n - 3)], port + (pick(8) ? 0 : 1));
		unsigned int first = ntohl(to.sin_addr.s_addr) >> 24;

		if (first < 224 && !pick(6)) {
			one_connection(&to);
		} else {
			for (unsigned int burst = 1 + pick(6); burst; burst--)
				sendto(fd, data, random_size(), 0, (struct sockaddr *)&to,
				       sizeof(to));
		}
		sent++;
		usleep(pick(120000));
	}
	printf("seed %s: %lu bursts and connections\n", arg[0], sent);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *kind = argc > 2 ? argv[2] : "";

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(what, "send") && !strcmp(kind, "udp") && argc >= 7)
		send_udp(argv + 3);
	else if (!strcmp(what, "send") && !strcmp(kind, "tcp") && argc >= 6)
		send_tcp(argv + 3);
	else if (!strcmp(what, "sink") && !strcmp(kind, "udp") && argc >= 5)
		sink_udp(argv + 3);
	else if (!strcmp(what, "sink") && !strcmp(kind, "tcp") && argc == 4)
		sink_tcp(argv + 3);
	else if (!strcmp(what, "sink") && !strcmp(kind, "tap") && argc == 5)
		sink_tap(argv + 3);
	else if (!strcmp(what, "serve") && argc == 3)
		serve(argv + 2);
	else if (!strcmp(what, "random") && argc >= 6)
		random_traffic(argc - 2, argv + 2);
	else
		return 2;
	return 0;
}
