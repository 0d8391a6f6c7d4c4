// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest suites send that the guest's own tools cannot. Linked statically, no part of the
 * product.
 *
 *   fields-send frames DEV FILE            each line of hexadecimal digits is one Ethernet frame
 *   fields-send udp DST DPORT SIZE [key=value…]
 *        src=ADDRESS sport=N mark=N gso=BYTES thread=NAME connect=1 count=N wait=FILE
 *   fields-send stream DST PORT SIZE       TCP; the payload is in pages (sendfile)
 *   fields-send frags DEV HEX LINEAR       a frame into a new tap device, its first LINEAR bytes in
 * the linear part, the rest in a page (IFF_NAPI_FRAGS)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define UDP_SEGMENT_OPTION 103 /* linux/udp.h */

static void die(const char *what)
{
	fprintf(stderr, "fields-send: %s: %s\n", what, strerror(errno));
	exit(1);
}

static size_t from_hex(const char *s, unsigned char *to, size_t room)
{
	size_t n = 0;
	unsigned int byte;

	while (n < room && sscanf(s + 2 * n, "%2x", &byte) == 1)
		to[n++] = (unsigned char)byte;
	return n;
}

static void send_frames(char **arg)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = (int)if_nametoindex(arg[0])};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	FILE *f = fopen(arg[1], "r");
	unsigned char frame[2048];
	char line[8192];

	if (fd < 0 || !f || !to.sll_ifindex)
		die("frames");
	while (fgets(line, sizeof(line), f)) {
		size_t n = from_hex(line, frame, sizeof(frame));

		if (n && sendto(fd, frame, n, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			die("sendto");
		usleep(500);
	}
	fclose(f);
}

/* Fills in either family's address. */
static socklen_t address(const char *text, int port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (void *)ret;
	struct sockaddr_in6 *v6 = (void *)ret;

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		die(text);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	return sizeof(*v6);
}

struct udp {
	const char *dst, *src, *thread, *wait;
	int dport, sport, size, gso, connect, count;
	long mark;
};

static void set(struct udp *u, const char *option)
{
	const char *v = strchr(option, '=') + 1;
	const struct {
		const char *key;
		const char **text;
		int *number;
	} keys[] = {{"src=", &u->src, NULL},	{"thread=", &u->thread, NULL},
		    {"wait=", &u->wait, NULL},	{"sport=", NULL, &u->sport},
		    {"gso=", NULL, &u->gso},	{"connect=", NULL, &u->connect},
		    {"count=", NULL, &u->count}};

	if (!strncmp(option, "mark=", 5))
		u->mark = strtol(v, NULL, 0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strncmp(option, keys[i].key, strlen(keys[i].key)))
			continue;
		if (keys[i].text)
			*keys[i].text = v;
		else
			*keys[i].number = atoi(v);
	}
}

static void *send_udp(void *arg)
{
	const struct udp *u = arg;
	struct sockaddr_storage to, from;
	socklen_t to_len = address(u->dst, u->dport, &to), from_len = 0;
	int fd = socket(to.ss_family, SOCK_DGRAM, 0), mark = (int)u->mark, reuse = 1;
	char *data = calloc(1, (size_t)u->size + 1);

	if (fd < 0 || !data)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	if (u->thread)
		prctl(PR_SET_NAME, u->thread);
	if (u->mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		die("SO_MARK");
	if (u->gso && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT_OPTION, &u->gso, sizeof(u->gso)))
		die("UDP_SEGMENT");
	if (u->sport || u->src) {
		from_len = address(u->src		     ? u->src
				   : to.ss_family == AF_INET ? "0.0.0.0"
							     : "::",
				   u->sport, &from);
		if (bind(fd, (struct sockaddr *)&from, from_len))
			die("bind");
	}
	if (u->connect && connect(fd, (struct sockaddr *)&to, to_len))
		die("connect");
	for (int i = 0; i < u->count; i++)
		if (sendto(fd, data, (size_t)u->size, 0, u->connect ? NULL : (struct sockaddr *)&to,
			   u->connect ? 0 : to_len) < 0 &&
		    errno != ECONNREFUSED)
			die("sendto");
	printf("pid %d tid %ld\n", getpid(), syscall(SYS_gettid));
	fflush(stdout);
	close(fd);
	free(data);
	return NULL;
}

static void udp(int argc, char **arg)
{
	struct udp u = {.dst = arg[0], .dport = atoi(arg[1]), .size = atoi(arg[2]), .count = 1};
	pthread_t thread;

	for (int i = 3; i < argc; i++)
		set(&u, arg[i]);
	while (u.wait && access(u.wait, F_OK))
		usleep(5000);
	if (!u.thread) {
		send_udp(&u);
		return;
	}
	if (pthread_create(&thread, NULL, send_udp, &u))
		die("pthread_create");
	pthread_join(thread, NULL);
}

static void stream(char **arg)
{
	struct sockaddr_storage to;
	socklen_t len = address(arg[0], atoi(arg[1]), &to);
	int fd = socket(to.ss_family, SOCK_STREAM, 0), file;
	char name[] = "/tmp/fields-XXXXXX", page[4096] = "";
	off_t from = 0;
	ssize_t n, left = atoi(arg[2]);

	file = mkstemp(name);
	for (ssize_t i = 0; i < left; i += (ssize_t)sizeof(page))
		if (write(file, page, sizeof(page)) != sizeof(page))
			die("write");
	if (connect(fd, (struct sockaddr *)&to, len))
		die("connect");
	while (left > 0 && (n = sendfile(fd, file, &from, (size_t)left)) > 0)
		left -= n;
	shutdown(fd, SHUT_WR);
	while (read(fd, page, sizeof(page)) > 0)
		;
	close(fd);
	unlink(name);
}

static void frags(char **arg)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_NAPI | IFF_NAPI_FRAGS};
	int fd = open("/dev/net/tun", O_RDWR), s = socket(AF_INET, SOCK_DGRAM, 0);
	unsigned char frame[2048];
	size_t n = from_hex(arg[1], frame, sizeof(frame)), linear = (size_t)atoi(arg[2]);
	struct iovec parts[2] = {{frame, linear}, {frame + linear, n - linear}};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", arg[0]);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r))
		die("TUNSETIFF");
	r.ifr_flags = IFF_UP;
	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &r))
		die("SIOCSIFFLAGS");
	for (int i = 0; i < 3; i++)
		if (writev(fd, parts, 2) < 0)
			die("writev");
	usleep(50000);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "frames"))
		send_frames(argv + 2);
	else if (argc >= 5 && !strcmp(argv[1], "udp"))
		udp(argc - 2, argv + 2);
	else if (argc == 5 && !strcmp(argv[1], "stream"))
		stream(argv + 2);
	else if (argc == 5 && !strcmp(argv[1], "frags"))
		frags(argv + 2);
	else
		return 2;
	return 0;
}
